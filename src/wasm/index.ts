export { hostLookup } from "./host/index.ts";
export { answersOnce, v8Runtime } from "./runtimes/v8/index.ts";
export { aheadFolder, AheadStore, findWasmEdge, loadWasmEdge } from "./runtimes/wasmedge/index.ts";
export type { WasmEdge } from "./runtimes/wasmedge/index.ts";
