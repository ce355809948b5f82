import type { BuiltInName } from "../binary/index.ts";

/** Value types that cross the boundary between a core module and the host. */
export type CoreType = "i32" | "i64" | "f32" | "f64";

/**
 * The canonical options of one `canon lower`. The linker makes it before the module exists that
 * exports memory and realloc, and fills it in afterwards: JavaScript has no circularity here.
 */
export interface Lowering {
  memory: WebAssembly.Memory | undefined;
  realloc: ((oldPointer: number, oldSize: number, align: number, newSize: number) => number) | undefined;
  /**
   * Marks of the memory's pages, where the instance is reset by marks: whatever the host writes into the memory,
   * it must tell by `markWritten` of `wasm/link`, or the next request sees it.
   */
  marks?: Uint8Array;
  /** Whose handles these are, where the component is composed of several: see `Handles.use`. */
  owner?: number;
}

/**
 * One function of a WASI interface, written against the lowered canonical ABI:
 * handles and pointers are i32, results that do not fit come back through a return pointer.
 */
export interface HostFunction<Guest, Memory = Lowering> {
  params: readonly CoreType[];
  results: readonly CoreType[];
  /** May wait for something: imported through `WebAssembly.Suspending`. */
  waits: boolean;
  /** Made once an instance or a place for instances, never on the request path. */
  bind(guest: Guest, memory: Memory): (...args: never[]) => unknown;
}

/** What goes through a stream or a future, as it lies in memory; nothing has size 0. */
export interface Element {
  size: number;
  align: 1 | 2 | 4 | 8;
  /** Numbers, or nothing: what may go from an instance to itself. */
  plain: boolean;
  /** Where components call each other: among the types of the composition; null: nothing. */
  type?: number | null;
}

/** What a component asks of the interfaces of the host, after versions were unified (any 0.2.x is one interface). */
export type InterfaceUse =
  | {
      kind: "function";
      interface: string;
      version: string;
      name: string;
      params: CoreType[];
      results: CoreType[];
      /** Lowered so that it answers at once, with a subtask where it is not done. */
      async?: true;
    }
  | { kind: "drop"; interface: string; version: string; resource: string };

/** A function of the asynchronous canonical ABI: `waitable-set.new`. */
export interface BuiltInUse {
  kind: "built-in";
  name: BuiltInName;
  element: Element;
  /** It answers at once; else it waits on the guest's stack. */
  async: boolean;
  cancellable: boolean;
  /** Where components call each other: the type of what is returned, among those of the composition; null: nothing. */
  type?: number | null;
  slot: number;
  params: CoreType[];
  results: CoreType[];
}

/** All that a component asks of the host. */
export type HostUse = InterfaceUse | BuiltInUse;
