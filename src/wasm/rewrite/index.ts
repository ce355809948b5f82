export { rewrite } from "./rewrite.ts";
export { added } from "./names.ts";
