import { expect, test } from "vitest";
import { checkModule } from "./check-module.ts";

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const text = (value: string) => [value.length, ...Buffer.from(value)];
const section = (id: number, bytes: number[]) => [id, bytes.length, ...bytes];
const typed = section(1, [1, 0x60, 0, 0]);

/** A module with functions that it imports, and one of its own that it exports. */
function moduleOf(imports: [string, string][], exported: string): Uint8Array {
  const entries = imports.flatMap(([module, name]) => [...text(module), ...text(name), 0, 0]);
  return Uint8Array.from([
    ...header,
    ...typed,
    ...section(2, [imports.length, ...entries]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text(exported), 0, imports.length]),
    ...section(10, [1, 2, 0, 0x0b]),
  ]);
}

test("a command of WASI 0.1 is taken", async () => {
  await checkModule(moduleOf([["wasi_snapshot_preview1", "sched_yield"]], "_start"));
});

test("imports that nobody has are all named", async () => {
  const module = moduleOf(
    [
      ["env", "magic"],
      ["gl", "draw"],
    ],
    "_start",
  );
  await expect(checkModule(module)).rejects.toMatchObject({
    code: "component-unsupported",
    message: "it imports what is not WASI 0.1: env#magic, gl#draw",
  });
  const many = Array.from({ length: 9 }, (_, i): [string, string] => ["env", `f${i}`]);
  await expect(checkModule(moduleOf(many, "_start"))).rejects.toThrow(/f7 and 1 more$/);
});

test("drafts and threads say so", async () => {
  const remedies = ["wasi_unstable", "wasi"].map((name) => checkModule(moduleOf([[name, "f"]], "_start")));
  await expect(remedies[0]).rejects.toMatchObject({ remedy: expect.stringContaining("draft") });
  await expect(remedies[1]).rejects.toMatchObject({ remedy: expect.stringContaining("Threads") });
});

test("a module that does not start is no command", async () => {
  await expect(checkModule(moduleOf([], "f"))).rejects.toThrow(/exports no function _start/);
});

test("a file that ends too early is said to be no valid module, with the reason", async () => {
  const whole = moduleOf([["wasi_snapshot_preview1", "sched_yield"]], "_start");
  for (let size = header.length + 1; size < whole.length; size++) {
    // Where a section ends just there, it is a module, of less.
    await expect(checkModule(whole.subarray(0, size))).rejects.toMatchObject({
      code: expect.stringMatching(/^component-(?:malformed|unsupported)$/),
    });
  }
  await expect(checkModule(whole.subarray(0, whole.length - 1))).rejects.toThrow(/^it is no valid .+@\+\d+/);
});
