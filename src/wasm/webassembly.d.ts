/**
 * WebAssembly's JavaScript interface as Node 26 has it. TypeScript carries it in the browser libraries only,
 * and those would bring `window` along. https://webassembly.github.io/spec/js-api/
 */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array | ArrayBuffer);
    static exports(module: Module): { name: string; kind: string }[];
    static imports(module: Module): { module: string; name: string; kind: string }[];
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  class Memory {
    /** Pages of 64 KiB. */
    constructor(
      descriptor:
        | { initial: number; maximum?: number; shared?: boolean }
        | { address: "i64"; initial: bigint; maximum?: bigint },
    );
    readonly buffer: ArrayBuffer;
    /** @returns the size before, in pages; throws a RangeError beyond the maximum. */
    grow(pages: number | bigint): number | bigint;
  }
  class Table {
    constructor(descriptor: { element: "anyfunc" | "externref"; initial: number; maximum?: number }, value?: unknown);
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value?: unknown): void;
    grow(by: number, value?: unknown): number;
  }
  class Global {
    constructor(
      descriptor: { value: "i32" | "i64" | "f32" | "f64" | "externref" | "anyfunc"; mutable?: boolean },
      value?: unknown,
    );
    value: unknown;
  }
  /** Wraps an import that may answer a promise; its caller must have been entered through `promising`. */
  class Suspending {
    constructor(callee: (...args: never[]) => unknown);
  }
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}
  /** Thrown by a guest with its own exception instructions. */
  class Exception {}
  /** An exported function that answers a promise, in which `Suspending` imports may suspend. */
  function promising(callee: (...args: never[]) => unknown): (...args: (number | bigint)[]) => Promise<unknown>;
  function validate(bytes: Uint8Array): boolean;
  function compile(bytes: Uint8Array): Promise<Module>;
}
