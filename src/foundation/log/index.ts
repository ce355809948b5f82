export { loggerTo } from "./log.ts";
export type { Fields, Level, Logger, LogLine } from "./log.ts";
export { humanLine, jsonLine, printable, stderrWriter } from "./write.ts";
