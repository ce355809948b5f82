import {
  mkdtempSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkMounts, openSubPath } from "./sub-path.ts";

describe("parts of volumes", () => {
  let volume: string;
  beforeEach(() => void (volume = realpathSync(mkdtempSync(join(tmpdir(), "bandstand-volume-")))));
  afterEach(() => rmSync(volume, { recursive: true }));

  test("are made where they are missing, for everybody in the pod", async () => {
    const { path, mount } = await openSubPath(volume, "a/./b//c");
    expect(path).toBe(join(volume, "a/b/c"));
    expect(statSync(path).mode & 0o777).toBe(0o777);
    expect(mount).toMatch(/^\d+:\d+ \/.*a\/b\/c$/);
  });

  test("keep what is there, also files", async () => {
    mkdirSync(join(volume, "a"), { mode: 0o700 });
    writeFileSync(join(volume, "a/file"), "kept");
    const { path } = await openSubPath(volume, "a/file");
    expect(readFileSync(path, "utf8")).toBe("kept");
    expect(statSync(join(volume, "a")).mode & 0o777).toBe(0o700);
  });

  test.each(["link", "link/x", "a/link", "a/link/x", "../x", "a/../../x"])("refuse %s", async (subPath) => {
    mkdirSync(join(volume, "a"));
    symlinkSync("/", join(volume, "link"));
    symlinkSync("/etc/hostname", join(volume, "a/link"));
    await expect(openSubPath(volume, subPath)).rejects.toMatchObject({ code: "pod-refused" });
  });

  test("are what is mounted, or the container is refused", async () => {
    const part = await openSubPath(volume, "a");
    // This process has no such mount.
    await expect(checkMounts(process.pid, [part])).rejects.toMatchObject({ code: "pod-refused" });
    await checkMounts(process.pid, []);
  });
});
