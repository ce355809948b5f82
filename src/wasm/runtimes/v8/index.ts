export { v8Runtime } from "./runtime.ts";
