export { parseDuration } from "./duration.ts";
export { parseQuantity } from "./quantity.ts";
