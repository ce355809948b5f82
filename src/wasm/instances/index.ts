export { Pool } from "./pool.ts";
export { load } from "./parts.ts";
export { Seat } from "./seat.ts";
