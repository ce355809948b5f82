import assert from "node:assert";

/** All that can be seen of an instance: memories to their end, globals. */
export function state(
  exports: Record<string, unknown>,
  memories: WebAssembly.Memory[],
): { memories: Buffer[]; globals: string[] } {
  return {
    memories: memories.map(({ buffer }) => Buffer.from(buffer.slice(0))),
    globals: Object.values(exports).flatMap((one) => (one instanceof WebAssembly.Global ? [String(one.value)] : [])),
  };
}

/** The same, where what really is behind the end of a memory must be zero. */
export function expectSame(now: ReturnType<typeof state>, then: ReturnType<typeof state>): void {
  assert.deepEqual(now.globals, then.globals);
  expectMemories(now.memories, then.memories);
}

/** @param when for messages. @param clean what really is behind the end must be zero. */
export function expectMemories(now: readonly Buffer[], then: readonly Buffer[], when = "", clean = true): void {
  for (const [i, memory] of now.entries()) {
    const { length } = then[i]!;
    assert(memory.subarray(0, length).equals(then[i]!), `memory ${i} differs ${when}`);
    if (clean) assert(memory.subarray(length).every((byte) => byte === 0), `behind memory ${i} is something left ${when}`); // prettier-ignore
  }
}
