import { describe, expect, it } from "vitest";
import { decodeModule } from "../binary/index.ts";
import { interruptHook } from "../link/index.ts";
import { arm, wat } from "../testkit/index.ts";
import { added, rewrite } from "./index.ts";

const piece = 256 << 10;
const page = 65_536;
const pages = 40;
const mebibyte = 1 << 20;

type Run = (destination: number | bigint, source: number | bigint, size: number | bigint) => void;

const operations: Record<string, string> = {
  fill: "(memory.fill (local.get 0) (local.get 1) (local.get 2))",
  copy: "(memory.copy (local.get 0) (local.get 1) (local.get 2))",
  init: "(memory.init $long (local.get 0) (local.get 1) (local.get 2))",
};

const data = `(data $long "${"0123456789abcdef".repeat(60_000)}")`;
const text = (operation: string): string =>
  `(module (memory (export "memory") ${pages}) ${data} (func (export "run") (param i32 i32 i32) ${operation}))`;

/** The same memory before each operation, with something else in each byte. */
function fresh(): WebAssembly.Memory {
  const memory = new WebAssembly.Memory({ initial: pages });
  const words = new Uint32Array(memory.buffer);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 0x9e3779b1);
  return memory;
}

/** What the operation leaves in memory, and whether it trapped. */
function outcome(run: Run, memory: WebAssembly.Memory, args: Parameters<Run>): { trapped: boolean; after: Buffer } {
  let trapped = false;
  try {
    run(...args);
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    trapped = true;
  }
  return { trapped, after: Buffer.from(memory.buffer) };
}

async function plain(source: string, args: Parameters<Run>): Promise<ReturnType<typeof outcome>> {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module((await wat(source)) as never));
  const memory = exports["memory"] as WebAssembly.Memory;
  Buffer.from(memory.buffer).set(new Uint8Array(fresh().buffer));
  return outcome(exports["run"] as Run, memory, args);
}

async function inPieces(source: string, args: Parameters<Run>, check: () => number = () => 0) {
  const rewritten = rewrite(decodeModule(await wat(source)));
  const memory = fresh();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewritten as never), {
    [added.module]: { [added.memory(0)]: memory },
  });
  let checks = 0;
  const hook = interruptHook(() => {
    checks++;
    return check();
  });
  arm(exports, hook);
  return { ...outcome(exports["run"] as Run, memory, args), checks: () => checks };
}

const long = 2 * mebibyte;
const cases: [operation: string, ...args: [number, number, number]][] = [
  ["fill", 5, 0xab, 0],
  ["fill", 5, 0xab, piece],
  ["fill", 5, 0xab, piece + 1],
  ["fill", 5, 0xab, long],
  ["fill", pages * page - long, 0xab, long],
  ["fill", pages * page - long, 0xab, long + 1],
  ["fill", -5, 0xab, long],
  ["fill", 5, 0xab, -1],
  ["copy", 7, 300_000, long],
  ["copy", 300_000, 7, long],
  ["copy", 8, 7, long],
  ["copy", 7, 8, long],
  ["copy", 7, 7, long],
  ["copy", 0, pages * page - long, long + 1],
  ["copy", pages * page - long, 0, long + 1],
  ["copy", -100, 0, long],
  ["copy", 0, -100, long],
  ["init", 100, 3, 900_000],
  ["init", 100, 3, 960_000],
  ["init", pages * page - 900_000, 0, 900_001],
  ["init", 0, -100, 900_000],
];

describe("long operations on memory", () => {
  it.each(cases)("do in pieces what they do at once: %s %i %i %i", async (operation, ...args) => {
    const [expected, found] = [
      await plain(text(operations[operation]!), args),
      await inPieces(text(operations[operation]!), args),
    ];
    expect(found.trapped).toBe(expected.trapped);
    expect(found.after.equals(expected.after)).toBe(true);
  });

  it.each(["fill", "copy"])("do so with 64-bit addresses: %s", async (operation) => {
    const source = `(module (memory (export "memory") ${pages}) (memory $wide i64 ${pages})
      (func (export "run") (param i32 i32 i32)
        (memory.copy $wide 0 (i64.const 0) (i32.const 0) (i32.const ${pages * page}))
        ${
          operation === "fill"
            ? `(memory.fill $wide (i64.extend_i32_u (local.get 0)) (local.get 1) (i64.extend_i32_u (local.get 2)))`
            : `(memory.copy $wide $wide (i64.extend_i32_u (local.get 0)) (i64.extend_i32_u (local.get 1)) (i64.extend_i32_u (local.get 2)))`
        }
        (memory.copy 0 $wide (i32.const 0) (i64.const 0) (i32.const ${pages * page}))))`;
    const rewritten = rewrite(decodeModule(await wat(source)));
    const memory = fresh();
    const wide = new WebAssembly.Memory({ address: "i64", initial: BigInt(pages) } as never);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewritten as never), {
      [added.module]: { [added.memory(0)]: memory, [added.memory(1)]: wide },
    });
    arm(exports);
    for (const args of [
      [300_000, 7, long],
      [7, 9, long],
    ] as const) {
      const expected = await plain(source, [...args]);
      new Uint8Array(memory.buffer).set(new Uint8Array(fresh().buffer));
      const found = outcome(exports["run"] as Run, memory, [...args]);
      expect([found.trapped, found.after.equals(expected.after)]).toEqual([false, true]);
    }
  });

  it("that are short and of a size that is known stay where they are", async () => {
    const bodyOf = async (size: number): Promise<string> => {
      const constant = `(memory.fill (local.get 0) (local.get 1) (i32.const ${size}))`;
      const { bodies, bytes } = decodeModule(rewrite(decodeModule(await wat(text(constant)))));
      return Buffer.from(bytes.subarray(bodies[0]!.start, bodies[0]!.end)).toString("hex");
    };
    expect(await bodyOf(255)).toContain("fc0b");
    expect(await bodyOf(256)).not.toContain("fc0b");
  });

  it("ask after each piece, and end between two", async () => {
    const whole = await inPieces(text(operations["fill"]!), [0, 1, long]);
    expect(whole.checks()).toBeGreaterThanOrEqual(long / piece - 1);
    let left = 4;
    const ended = await inPieces(text(operations["fill"]!), [0, 1, long], () => (left-- > 0 ? 0 : 1));
    expect(ended.trapped).toBe(true);
    expect(ended.after.subarray(0, piece).every((byte) => byte === 1)).toBe(true);
    expect(ended.after.equals(whole.after)).toBe(false);
  });
});
