export { headerValue } from "./conditions.ts";
export { HostTable, hostOf } from "./hostnames.ts";
export { Matcher, type Found } from "./matcher.ts";
export { prefixKey } from "./path.ts";
