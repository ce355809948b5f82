export { hashContext, listContext } from "./context.ts";
export type { ContextEntry, ContextLimits } from "./context.ts";
export { makeFolder } from "./make-folder.ts";
export { openPrivateFolder } from "./private-folder.ts";
export { markUsed, sweepCache } from "./sweep-cache.ts";
export { withScratch } from "./scratch.ts";
export { shellWord } from "./shell-word.ts";
export { replaceFile } from "./replace-file.ts";
export { kindOfEntry, whyUnreadable, type Entry } from "./unreadable.ts";
