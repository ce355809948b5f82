export { cgiEnvironment } from "./environment.ts";
export { cgiHead } from "./head.ts";
