export { rewrite } from "./rewrite.ts";
export type { RewriteOptions } from "./rewrite.ts";
export { marks } from "./marks/layout.ts";
export { added } from "./names.ts";
