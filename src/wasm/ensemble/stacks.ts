import { opcode, Writer } from "../binary/index.ts";
import type { CoreType } from "../host/contract.ts";
import { hostLimits } from "../host/limits.ts";
import type { Signature } from "../link/flat.ts";

export type CoreValue = number | bigint;
/** A function of a core module. */
export type Core = (...args: CoreValue[]) => unknown;

/** What running something on a stack of its own came to. */
export type Run = { isDone: true; answer: unknown } | { isDone: false; end: Promise<unknown> };

type OnStack = (...args: CoreValue[]) => Promise<unknown>;

/** So many stacks in a row are no matter; those that ended are freed only once others had their turn. */
const mostInRow = 1000;

/**
 * Runs core functions on stacks of their own, on which they may wait. V8 tells by a promise only that one is done; one
 * that did not wait tells it here before it returns.
 */
export class Stacks {
  readonly #known = new WeakMap<Core, OnStack>();
  #answer: { answer: unknown } | undefined;
  #inRow = 0;
  #waiting = 0;

  /** More wait than may. */
  get areTooMany(): boolean {
    return this.#waiting > hostLimits.stacks;
  }

  run(core: Core, signature: Signature, args: CoreValue[]): Run {
    this.#answer = undefined;
    this.#inRow++;
    const end = this.#onStack(core, signature)(...args);
    // The compiler does not see that the call above may set it.
    const said = this.#answer as { answer: unknown } | undefined;
    this.#answer = undefined;
    if (said !== undefined) return { isDone: true, answer: said.answer };
    this.#waiting++;
    const over = (): void => void this.#waiting--;
    end.then(over, over);
    return { isDone: false, end: end.then(() => this.#taken()) };
  }

  /** It is time to let go what was used. */
  get areMany(): boolean {
    if (this.#inRow < mostInRow) return false;
    this.#inRow = 0;
    return true;
  }

  /** Of a function that ended after it waited: told just before. */
  #taken(): unknown {
    const said = this.#answer;
    this.#answer = undefined;
    return said?.answer;
  }

  #onStack(core: Core, signature: Signature): OnStack {
    let found = this.#known.get(core);
    if (found === undefined) {
      const tell = (answer: unknown): void => void (this.#answer = { answer });
      const module = telling(signature);
      const { exports } = new WebAssembly.Instance(module, { "": { core, tell } });
      found = WebAssembly.promising(exports[""] as never) as unknown as OnStack;
      this.#known.set(core, found);
    }
    return found;
  }
}

const bytes: Record<CoreType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const modules = new Map<string, WebAssembly.Module>();

/** `(func (export "") (param …) (call $tell (call $core (local.get 0) …)))` */
function telling({ params, results }: Signature): WebAssembly.Module {
  const key = `${params.join()}:${results.join()}`;
  const known = modules.get(key);
  if (known !== undefined) return known;
  const out = Writer.module();
  const list = (to: Writer, types: readonly CoreType[]): Writer => {
    to.u32(types.length);
    for (const type of types) to.u8(bytes[type]);
    return to;
  };
  const types = new Writer().u32(3);
  list(list(types.u8(0x60), params), results);
  list(list(types.u8(0x60), results), []);
  list(list(types.u8(0x60), params), []);
  out.section(1, types);
  out.section(2, new Writer().u32(2).name("").name("core").u8(0).u32(0).name("").name("tell").u8(0).u32(1));
  out.section(3, new Writer().u32(1).u32(2));
  out.section(7, new Writer().u32(1).name("").u8(0).u32(2));
  const code = new Writer().u32(0);
  for (const i of params.keys()) code.u8(opcode.localGet).u32(i);
  code.u8(opcode.call).u32(0).u8(opcode.call).u32(1).u8(opcode.end);
  out.section(10, new Writer().u32(1).u32(code.length).raw(code.view()));
  const module = new WebAssembly.Module(out.view() as never);
  modules.set(key, module);
  return module;
}
