export { LogBuffer } from "./log-buffer.ts";
