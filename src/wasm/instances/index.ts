export { Pool } from "./pool.ts";
export { Seat } from "./seat.ts";
