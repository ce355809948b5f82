export { hostLookup } from "./host/index.ts";
export { v8Runtime } from "./runtimes/v8/index.ts";
