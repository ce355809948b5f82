export { Pool } from "./pool.ts";
export { load } from "./parts.ts";
