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

/** What a component asks of the host, after versions were unified (any 0.2.x is one interface). */
export type HostUse =
  | { kind: "function"; interface: string; version: string; name: string; params: CoreType[]; results: CoreType[] }
  | { kind: "drop"; interface: string; version: string; resource: string };
