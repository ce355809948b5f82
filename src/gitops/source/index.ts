export { readFolder } from "./read.ts";
export { buildAnnotation } from "./named.ts";
export { watchFolder } from "./watch.ts";
export type { FolderChange, FolderWatch } from "./watch.ts";
export type { Snapshot } from "./snapshot.ts";
export { takeSnapshot } from "./snapshot.ts";
