import { assemblyscript } from "./assemblyscript/index.ts";
import { c } from "./c/index.ts";
import type { Toolchain } from "./toolchain.ts";
import { typescript } from "./typescript/index.ts";

/** All languages, in the order in which they are tried. */
export const toolchains: readonly Toolchain[] = [assemblyscript, typescript, c];
