export { buildComponent } from "./build.ts";
export type { BuildOptions, BuiltComponent } from "./build.ts";
export { BuildError } from "./diagnostic/index.ts";
export type { Diagnostic } from "./diagnostic/index.ts";
export type { Language } from "./toolchain.ts";
