import type { HostInterface } from "../define.ts";
import { random as before } from "../random/index.ts";

/** https://github.com/WebAssembly/WASI/tree/main/proposals/random: as in 0.2, but for one name. */
export const random: Record<string, HostInterface> = {
  ...before,
  "wasi:random/insecure-seed": {
    functions: { "get-insecure-seed": before["wasi:random/insecure-seed"]!.functions["insecure-seed"]! },
    resources: [],
  },
};
