import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, renderProblem } from "./index.ts";

const folder = join(import.meta.dirname, "golden");

/** Every problem of a file as its author reads it. */
function rendered(path: string, bytes: Uint8Array): string {
  const source = new TextDecoder().decode(bytes);
  const { problems } = parse([{ path, bytes }]);
  return problems.map((problem) => renderProblem(problem, source)).join("\n") || "no problems\n";
}

for (const file of readdirSync(folder).filter((name) => /\.(?:yaml|json)$/.test(name))) {
  test(file, async () => {
    const text = rendered(file, readFileSync(join(folder, file)));
    await expect(text).toMatchFileSnapshot(join(folder, file.replace(/\.\w+$/, ".txt")));
  });
}

// Files that cannot be kept as text, or are too large to keep.
const made: Record<string, Uint8Array> = {
  "made-large": Buffer.alloc(10 * 1024 * 1024, "#"),
  "made-latin1": Buffer.from("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: caf\u00e9\n", "latin1"),
  "made-utf16": Buffer.from("\ufeffapiVersion: v1", "utf16le"),
  "made-byte-order-mark": Buffer.from("\ufeffapiVersion: v1\nkind: ConfigMap\nmetadata: { name: A }\n"),
  "made-deep": Buffer.from(`apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\nx: ${"[".repeat(50_000)}`),
  "made-deep-closed": Buffer.from(
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\nx: ${"[".repeat(100)}${"]".repeat(100)}`,
  ),
  "made-deep-enough": Buffer.from(
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\nx-deep: ${"[".repeat(99)}${"]".repeat(99)}`,
  ),
  "made-deep-maps": Buffer.from(
    `apiVersion: v1\nkind: ConfigMap\n${Array.from({ length: 3000 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("")}`,
  ),
  "made-long-line": Buffer.from(
    `apiVersion: v1\nkind: Pod\nmetadata: { name: a, annotations: { a: "${"x".repeat(500)}", b: 5 } }`,
  ),
};

for (const [name, bytes] of Object.entries(made)) {
  test(name, async () => {
    await expect(rendered(`${name}.yaml`, bytes)).toMatchFileSnapshot(join(folder, `${name}.txt`));
  });
}

test("no text that was ever printed holds a Secret's value", () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
    expect(readFileSync(join(folder, file), "utf8"), file).not.toMatch(/hunter2|1234567/);
  }
});
