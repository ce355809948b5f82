export { parseDuration } from "./duration.ts";
export { parseQuantity } from "./quantity.ts";
export { pathInSite } from "./paths.ts";
