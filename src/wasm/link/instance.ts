import type { HostUse, Lowering } from "../host/contract.ts";
import type { CrossingEnds, CrossingPlan } from "./crossing-plan.ts";
import type { ExportPlan, Manifest, StringEncoding } from "./manifest.ts";

/** Compiled once a thread (or once a process: it can be posted to other threads as it is). */
export interface Compiled {
  manifest: Manifest;
  modules: WebAssembly.Module[];
}

/** What the host gives one new instance. */
export interface InstanceImports {
  /**
   * Called once for each (use, lowering) pair of the manifest and place. The answer goes in as the import: a function,
   * or a `WebAssembly.Suspending` for one that waits. `lowering.memory` is usually there already,
   * `lowering.realloc` only once `instantiate` has answered. A drop gets an empty lowering.
   */
  bind(use: HostUse, lowering: Lowering): HostImport;
  /**
   * Makes what core modules import for a call between the components of one, and for resources that they define
   * (`Crossings.bind` of `wasm/crossing`): needed where there is a `manifest.composition`.
   */
  cross?(plan: CrossingPlan, ends: CrossingEnds, lowerings: readonly CrossingLowering[]): HostImport;
  /** One for each `manifest.memories`, zeroed, at least `minimum` pages. */
  memories: readonly WebAssembly.Memory[];
  /** Pages of 64 KiB that each of them may grow to; without, as many as there can be. */
  most?: readonly number[];
  /** From `interruptHook`, the same for every instance of a thread. */
  hook: InterruptHook;
  /** What `hook` is called with when this instance has run for a while: tells the guests of a thread apart. */
  guest: number;
}

/** Canonical options of one side of a call between components. */
export interface CrossingLowering extends Lowering {
  readonly encoding: StringEncoding;
}

/** A plain function, or one wrapped for suspension. */
export type HostImport = ((...args: never[]) => unknown) | WebAssembly.Suspending;

/** A function that wasm can call without JavaScript's conversions; only `interruptHook` makes one. */
export type InterruptHook = { readonly brand: "interrupt-hook" } & ((guest: number) => number);

export interface ComponentInstance {
  /** By `exportKey`: `wasi:http/incoming-handler#handle`. */
  exports: ReadonlyMap<string, GuestFunction>;
  /** The main memory: what the component's exports use, else the first. */
  memory: WebAssembly.Memory | undefined;
}

export interface GuestFunction {
  plan: ExportPlan;
  /** The core function; to call it so that the guest may wait, wrap it with `WebAssembly.promising` once. */
  call(...args: (number | bigint)[]): unknown;
  postReturn: ((...results: unknown[]) => void) | undefined;
  /** Of an asynchronous function that waits by returning. */
  callback: ((event: number, first: number, second: number) => unknown) | undefined;
  lowering: Lowering;
}
