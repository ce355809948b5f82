export { copySources } from "./copy.ts";
export type { Sources } from "./copy.ts";
export { sourceHash } from "./hash.ts";
