import assert from "node:assert";
import { decodeModule, type CoreModule } from "../binary/index.ts";
import { whyAnew } from "../prepare/reset.ts";
import { added, rewrite, scan, type Scan } from "../rewrite/index.ts";
import { arm } from "./arm.ts";
import { Draw } from "./draw.ts";
import { compiledOf, placeOf } from "./place.ts";
import { expectMemories } from "./state.ts";
import { wat } from "./wat.ts";
import { wild } from "./wild.ts";

interface Exports extends Record<string, unknown> {
  run: (input: number) => unknown;
  seen: () => unknown;
}

/**
 * Runs a random module as it is, with checks, and with marks in a place that is reset between two calls. Answers undefined where it is
 * none: what stands in code that nobody reaches is not always valid. Throws what differs.
 */
export async function runWild(seed: number): Promise<"reset" | "anew" | undefined> {
  const text = wild(new Draw(seed));
  const bytes = await wat(text);
  if (!WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) return undefined;
  try {
    return compare(bytes, seed);
  } catch (error) {
    throw new Error(`wild module ${seed}: ${error instanceof Error ? error.message : String(error)}\n${text}`, { cause: error }); // prettier-ignore
  }
}

function compare(bytes: Uint8Array, seed: number): "reset" | "anew" {
  const module = decodeModule(bytes);
  const scanned = scan(module);
  const code = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const plain = (): Exports => new WebAssembly.Instance(code).exports as Exports;
  const kept = whyAnew([module], [scanned]) === undefined ? new Kept(bytes, seed % 2 === 0) : undefined;
  const checked = withChecks(module, scanned);
  for (const input of [seed | 0, 3]) {
    const first = plain();
    const expected = attempt(first, input);
    // Stacks are of different sizes.
    if (expected.includes("call stack")) continue;
    const second = checked();
    assert.equal(attempt(second, input), expected, "with checks it answers otherwise");
    expectMemories(memoriesOf(second), memoriesOf(first), "with checks");
    assert.deepEqual(globalsOf(second), globalsOf(first));
    kept?.call(input, expected, first, plain);
  }
  return kept === undefined ? "anew" : "reset";
}

/** An instance that is reset after every call, where it can be. */
class Kept {
  readonly #compiled: ReturnType<typeof compiledOf>;
  readonly #isEarly: boolean;
  #at!: ReturnType<typeof placeOf>;
  #exports!: Exports;

  /** @param isEarly the first resets are those that count: they are done in another way than later ones. */
  constructor(bytes: Uint8Array, isEarly: boolean) {
    this.#compiled = compiledOf(bytes);
    this.#isEarly = isEarly;
    this.#renew();
  }

  #renew(): void {
    this.#at = placeOf(this.#compiled);
    this.#exports = this.#at.start() as Exports;
    this.#at.place.keep();
    for (let more = this.#isEarly ? 0 : 5; more > 0; more--) assert(this.#at.place.reset());
  }

  call(input: number, expected: string, after: Exports, plain: () => Exports): void {
    assert.equal(attempt(this.#exports, input), expected, "with marks it answers otherwise");
    expectMemories(bytesOf(this.#at.memories), memoriesOf(after), "with marks", false);
    if (!this.#at.place.reset()) return this.#renew();
    const fresh = plain();
    expectMemories(bytesOf(this.#at.memories), memoriesOf(fresh), "after a reset");
    assert.deepEqual(globalsOf(this.#exports), globalsOf(fresh), "globals after a reset");
    assert.equal(this.#exports.seen(), fresh.seen(), "after a reset there is something to be seen");
  }
}

function withChecks(module: CoreModule, scanned: Scan): () => Exports {
  const code = new WebAssembly.Module(rewrite(module, { scanned }) as Uint8Array<ArrayBuffer>);
  return () => {
    const memories = module.memories.map(({ wide, minimum, maximum }, i) => {
      const limits = wide
        ? { initial: BigInt(minimum), maximum: BigInt(maximum!), address: "i64" }
        : { initial: minimum, maximum: maximum! };
      return [added.memory(i), new WebAssembly.Memory(limits as never)];
    });
    const { exports } = new WebAssembly.Instance(code, { [added.module]: Object.fromEntries(memories) });
    arm(exports);
    return exports as Exports;
  };
}

function attempt(exports: Exports, input: number): string {
  let answer: string;
  try {
    answer = String(exports.run(input));
  } catch (error) {
    answer = error instanceof WebAssembly.RuntimeError ? trapOf(error) : String(error);
  }
  return `${answer}, ${exports.seen()}`;
}

/** An operation on a long stretch that wraps around the address space traps before it is begun, by another word. */
function trapOf({ message }: WebAssembly.RuntimeError): string {
  return /^(unreachable|memory access out of bounds|data segment out of bounds)$/.test(message) ? "a trap" : message;
}

function memoriesOf(exports: Exports): Buffer[] {
  const names = Object.keys(exports).filter((name) => /^memory\d$/.test(name));
  return bytesOf(names.toSorted().map((name) => exports[name] as WebAssembly.Memory));
}

function bytesOf(memories: readonly WebAssembly.Memory[]): Buffer[] {
  return memories.map(({ buffer }) => Buffer.from(buffer));
}

function globalsOf(exports: Exports): string[] {
  const named = Object.entries(exports).filter(([name]) => name !== added.count);
  return named.flatMap(([name, one]) => (one instanceof WebAssembly.Global ? [`${name} ${one.value}`] : [])).toSorted();
}
