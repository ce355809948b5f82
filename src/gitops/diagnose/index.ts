export { diagnose, withPlanned } from "./diagnose.ts";
