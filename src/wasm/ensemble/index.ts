/**
 * Several components that one is composed of, where some of them are asynchronous (WASI 0.3): each has its own handles,
 * tasks and backpressure, and they call each other as the canonical ABI has it.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
 */
export type { Callee } from "./callee.ts";
export { HostTask } from "./host-task.ts";
export { EnsembleImports } from "./imports.ts";
