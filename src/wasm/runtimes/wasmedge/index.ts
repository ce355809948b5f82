export { aheadFolder, AheadStore } from "./ahead.ts";
export { runUnderWasmEdge } from "./command.ts";
export { findWasmEdge } from "./program.ts";
export type { WasmEdge } from "./program.ts";
export { loadWasmEdge } from "./runtime.ts";
