export { diagnose, withPlanned } from "./diagnose.ts";
export { withoutConsequences } from "./consequences.ts";
