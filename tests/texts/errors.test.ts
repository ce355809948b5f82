import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const source = join(import.meta.dirname, "../../src");

/** Where a text of an error begins: classes and helpers that take one. */
const openings =
  /(?<=[\s(.=>!?:])(?:new (?:BandstandError|Unresolvable|BuildError)|(?:guest|this\.#guest|memory)\.fail|(?:usage|refused|refuse|malformed|unsupported|broken|missing|fail|denied|mistake|tooMany|wrongCase))\(/g;

it("every text of an error is written down: who changes one sees what users will read", async () => {
  const lines = sources().flatMap((file) => {
    const texts = textsOf(readFileSync(join(source, file), "utf8"));
    return texts.length === 0 ? [] : [`## ${file}`, ...texts, ""];
  });
  expect(lines.length).toBeGreaterThan(300);
  await expect(lines.join("\n")).toMatchFileSnapshot("golden/errors.txt");
});

function sources(): string[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("testing"))
    .toSorted();
}

/** The arguments that hold words, in one line each; what is filled in stands as `${…}` as in the source. */
function textsOf(text: string): string[] {
  return [...text.matchAll(openings)].flatMap((found) => {
    const words = callAt(text, found.index + found[0].length);
    return /["`][^"`]*\s[^"`]*["`]/.test(words) ? [`- ${words}`] : [];
  });
}

/** What stands between the parentheses, with strings taken whole. */
function callAt(text: string, start: number): string {
  let depth = 1;
  let quote = "";
  let at = start;
  for (; at < text.length && depth > 0; at++) {
    const letter = text[at]!;
    if (quote !== "") {
      if (letter === "\\") at++;
      else if (letter === quote) quote = "";
    } else if (letter === '"' || letter === "`") quote = letter;
    else if (letter === "(") depth++;
    else if (letter === ")") depth--;
  }
  return text
    .slice(start, at - 1)
    .replace(/\s+/g, " ")
    .replace(/,? ?$/, "")
    .trim();
}
