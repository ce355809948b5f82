export { loggerTo } from "./log.ts";
export type { Fields, Level, Logger, LogLine } from "./log.ts";
export { printable, stderrWriter } from "./write.ts";
