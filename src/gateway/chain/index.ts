export { answerFor, ownAnswer, serverOptions } from "./answer.ts";
export type { ChainBackend } from "./backends.ts";
export { enter } from "./entry.ts";
export { withoutHopByHop } from "./hop-by-hop.ts";
export { Passage, afterwards, type Stage } from "./passage.ts";
export { compileRule, type ChainParts, type CompiledRule, type Tries } from "./rule.ts";
export { WatchedBody } from "./watched-body.ts";
