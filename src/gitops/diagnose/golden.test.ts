import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, problemCodes, renderProblem } from "../../model/index.ts";
import { diagnose } from "./index.ts";

const folder = join(import.meta.dirname, "golden");
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

for (const file of files) {
  test(file, async () => {
    const bytes = readFileSync(join(folder, file));
    const { resources, problems } = parse([{ path: file, bytes }]);
    // What the parser says is pinned beside it.
    expect(problems).toEqual([]);
    const found = diagnose(resources, {
      allowPrivileged: ["allowed"],
      absentAddresses: new Set(["203.0.113.7"]),
    });
    const text = found.map((problem) => renderProblem(problem, bytes.toString())).join("\n") || "no problems\n";
    await expect(text).toMatchFileSnapshot(join(folder, file.replace(".yaml", ".txt")));
    expect(text).not.toContain("hunter2");
  });
}

test("every problem code of parsing and diagnosis has a golden text", () => {
  const folders = [folder, join(import.meta.dirname, "../../model/golden")];
  const texts = folders.flatMap((path) =>
    readdirSync(path)
      .filter((name) => name.endsWith(".txt"))
      .map((name) => readFileSync(join(path, name), "utf8")),
  );
  // Made where files are read, components are prepared, images pulled, and resources run.
  const elsewhere: ReadonlySet<string> = new Set([
    "file-unreadable",
    "too-many-files",
    "no-documents",
    "source-missing",
    "component-invalid",
    "build-failed",
    "image-unavailable",
    "signature-missing",
    "resource-failed",
  ]);
  const missing = problemCodes.filter((code) => !elsewhere.has(code) && !texts.join("").includes(`[${code}]`));
  expect(missing).toEqual([]);
});
