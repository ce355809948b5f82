export { diagnose, withPlanned } from "./diagnose.ts";
export type { DiagnoseOptions } from "./rule.ts";
