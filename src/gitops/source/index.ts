export { readFolder } from "./read.ts";
export type { FolderContents } from "./read.ts";
export { buildAnnotation } from "./named.ts";
export { watchFolder } from "./watch.ts";
export type { FolderChange, FolderWatch, WatchOptions } from "./watch.ts";
