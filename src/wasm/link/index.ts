export { exportKey } from "./manifest.ts";
export type * from "./manifest.ts";
export type * from "./instance.ts";
export { compile } from "./compile.ts";
export { instantiate, interruptHook } from "./instantiate.ts";
