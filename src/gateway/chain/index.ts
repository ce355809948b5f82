export { answerFor, isOwn, ownAnswer, serverOptions, type OwnAnswer } from "./answer.ts";
export type { ChainBackend } from "./backends.ts";
export { compileClients, trusting } from "./clients.ts";
export { withCompression } from "./compression.ts";
export { compileErrorPages, withoutType, type ErrorPages } from "./error-pages.ts";
export { enter } from "./entry.ts";
export { Passage, afterwards, type Stage } from "./passage.ts";
export { compileRule, type ChainParts, type CompiledRule, type Tries } from "./rule.ts";
export { WatchedBody } from "./watched-body.ts";
