export { cgiAnswer } from "./answer.ts";
export type { CgiAnswer } from "./answer.ts";
export { cgiEnvironment } from "./environment.ts";
export { cgiHead } from "./head.ts";
