export { v8Runtime } from "./runtime.ts";
export { answersOnce } from "./trial.ts";
