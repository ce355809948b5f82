import { cpSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { preparedVersion, versionOf } from "./version.ts";

it("is another wherever a source of linker or rewriter is", () => {
  const sources = join(import.meta.dirname, "..");
  const folder = mkdtempSync(join(tmpdir(), "version-"));
  const copy = (name: string): void =>
    cpSync(join(sources, name), join(folder, name), { recursive: true, preserveTimestamps: true });
  try {
    ["binary", "link", "prepare", "rewrite", "host"].forEach((name) => copy(name));
    expect(versionOf(folder)).toBe(preparedVersion);
    const file = join(folder, "rewrite/index.ts");
    utimesSync(file, new Date(), new Date(1e12));
    const older = versionOf(folder);
    writeFileSync(file, "// longer\n");
    utimesSync(file, new Date(), new Date(1e12));
    const changed = versionOf(folder);
    expect(new Set([preparedVersion, older, changed]).size).toBe(3);

    // Others are not asked for.
    writeFileSync(join(folder, "rewrite/new.test.ts"), "");
    writeFileSync(join(folder, "host/index.ts"), "");
    expect(versionOf(folder)).toBe(changed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
