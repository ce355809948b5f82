import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errno } from "./errno-numbers.ts";
import { Program } from "./testkit.ts";

let program: Program;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "bandstand-preview1-"));
  program = new Program({}, [{ host: home, guest: "/home", readOnly: false }]);
});
afterEach(() => {
  program.close();
  rmSync(home, { recursive: true, force: true });
});

describe("poll_oneoff", () => {
  const [clock, read, write] = [0, 1, 2];

  function subscribe(at: number, kind: number, target: { fd?: number; id?: number; time?: bigint; flags?: number }) {
    const { view } = program.memory;
    program.memory.bytes.fill(0, at, at + 48);
    view.setBigUint64(at, BigInt(at), true);
    view.setUint8(at + 8, kind);
    if (kind !== clock) return view.setUint32(at + 16, target.fd ?? 0, true);
    view.setUint32(at + 16, target.id ?? 1, true);
    view.setBigUint64(at + 24, target.time ?? 0n, true);
    return view.setUint16(at + 40, target.flags ?? 0, true);
  }

  async function poll(...subscriptions: [kind: number, target: Parameters<typeof subscribe>[2]][]) {
    const [from, to, count] = [program.place(48 * 8), program.place(32 * 8), program.place(4)];
    for (const [i, [kind, target]] of subscriptions.entries()) subscribe(from + i * 48, kind, target);
    const outcome = await program.wait("poll_oneoff", from, to, subscriptions.length, count);
    if (outcome !== 0) return outcome;
    return Array.from({ length: program.u32(count) }, (_, i) => {
      const at = to + i * 32;
      const { view } = program.memory;
      return [
        (Number(view.getBigUint64(at, true)) - from) / 48,
        view.getUint8(at + 10),
        view.getUint16(at + 8, true),
        Number(view.getBigUint64(at + 16, true)),
      ];
    });
  }

  it("sleeps, by either clock, for a time or to an instant", async () => {
    for (const id of [0, 1]) {
      const before = performance.now();
      expect(await poll([clock, { id, time: 20_000_000n }])).toEqual([[0, clock, 0, 0]]);
      expect(performance.now() - before).toBeGreaterThanOrEqual(20);
      const at = program.place(8);
      program.call("clock_time_get", id, 0n, at);
      const until = program.u64(at) + 20_000_000n;
      expect(await poll([clock, { id, time: until, flags: 1 }])).toEqual([[0, clock, 0, 0]]);
      program.call("clock_time_get", id, 0n, at);
      expect(program.u64(at)).toBeGreaterThanOrEqual(until);
    }
  });

  it("answers at once what is ready, and says what is wrong with one of them there", async () => {
    writeFileSync(join(home, "a"), "12345");
    const file = program.open("a");
    const found = await poll(
      [read, { fd: 0 }],
      [write, { fd: 1 }],
      [read, { fd: file }],
      [write, { fd: file }],
      [read, { fd: 77 }],
      [read, { fd: 1 }],
      [clock, { time: 10_000_000_000n }],
      [clock, { id: 9 }],
    );
    expect(found).toEqual([
      [0, read, 0, 5],
      [1, write, 0, 1 << 20],
      [2, read, 0, 5],
      [3, write, 0, 1],
      [4, read, errno.badf, 0],
      [5, read, errno.badf, 0],
      [7, clock, errno.inval, 0],
    ]);
  });

  it("wants something to wait for", async () => {
    expect(await poll()).toBe(errno.inval);
    expect(await poll([3, {}])).toBe(errno.inval);
  });
});

describe("the draft before", () => {
  it("counts places from other numbers, and its links in four bytes", () => {
    writeFileSync(join(home, "a"), "12345");
    const draft = new Program({}, [{ host: home, guest: "/home", readOnly: false }], "wasi_unstable");
    const file = draft.open("a");
    const at = draft.place(64);
    const positions = [2, 0, 1].map((whence) => {
      expect(draft.call("fd_seek", file, 2n, whence, at)).toBe(0);
      return draft.u64(at);
    });
    expect(positions).toEqual([2n, 4n, 7n]);
    draft.memory.bytes.fill(0xff, at, at + 64);
    expect(draft.call("fd_filestat_get", file, at)).toBe(0);
    expect([draft.u32(at + 20), draft.u64(at + 24)]).toEqual([1, 5n]);
    expect(draft.memory.bytes.subarray(at + 56, at + 64).every((byte) => byte === 0xff)).toBe(true);
    draft.close();
  });

  it("has a number for itself in the subscription of a clock", async () => {
    const draft = new Program({}, [], "wasi_unstable");
    const [from, to, count] = [draft.place(56), draft.place(32), draft.place(4)];
    draft.memory.view.setBigUint64(from, 7n, true);
    draft.memory.view.setUint32(from + 24, 1, true);
    draft.memory.view.setBigUint64(from + 32, 5_000_000n, true);
    const before = performance.now();
    expect(await draft.wait("poll_oneoff", from, to, 1, count)).toBe(0);
    expect(performance.now() - before).toBeGreaterThanOrEqual(5);
    expect([draft.u32(count), draft.u64(to)]).toEqual([1, 7n]);
  });
});
