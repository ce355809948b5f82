/**
 * Joins the core modules of a component (`link`), and runs them (`Place`).
 *
 * A place that serves requests with a fresh state each, where the component was prepared for it (`place.resettable`):
 *
 *     const place = new Place(compiled, imports);
 *     const instance = place.instantiate(); // then, where wanted, calls that warm it up
 *     place.keep();
 *     for (;;) {
 *       // one request; what the host writes into the memory it tells by markWritten(lowering.marks, pointer, size)
 *       if (!place.reset()) break; // the place and its memories must not be used again
 *     }
 *
 * Where `resettable` is false, `instantiate` again for each request, on memories that the host has zeroed.
 */
export { exportKey, isModuleManifest, usedExports } from "./manifest.ts";
export type * from "./manifest.ts";
export type * from "./instance.ts";
export { compile } from "./compile.ts";
export { interruptHook } from "./hook.ts";
export { instantiate } from "./instantiate.ts";
export { markWritten } from "./marked-memory.ts";
export { Place } from "./place.ts";
export { link } from "./link.ts";
export { linkModule } from "./link-module.ts";
export type { Linked } from "./link.ts";
export type { HostLookup } from "./tables.ts";
