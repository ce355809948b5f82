export { aheadFolder, AheadStore } from "./ahead.ts";
export { findWasmEdge, installWasmEdge } from "./program.ts";
export type { WasmEdge } from "./program.ts";
export { loadWasmEdge } from "./runtime.ts";
