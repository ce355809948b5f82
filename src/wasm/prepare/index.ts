export { digestOf, prepare } from "./prepare.ts";
export type { Prepared } from "./prepared.ts";
