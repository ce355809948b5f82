/**
 * Rewrites a core module, once a digest, in one pass over its code; nothing of its own moves to another index.
 *
 * - Jumps (always, first): `jumps/direct.ts` makes loops of what Go's compiler does by a number and a table.
 * - Interruption (always): `code.ts` → `cost.ts` says where to count, `interrupt.ts` writes it.
 * - Reset (`reset: true`): `marks/plan.ts` says which stores need a mark, `marks/visitor.ts` writes them,
 *   `marks/additions.ts` adds what keeps and restores globals. `marks/layout.ts` is what both sides agree on;
 *   the side of the host is `link/place.ts`. Why and how fast: docs/decisions, "A fresh state for every request".
 * - Limits (always): memories become imports, tables get a maximum; `heap.ts` counts what objects take.
 * - Room (always): `room.ts` keeps what V8 makes part of what.
 * - `alone.ts`: what is left of threads where there is one.
 */
export { rewrite } from "./rewrite.ts";
export type { RewriteOptions } from "./rewrite.ts";
export { scan, scanAll } from "./scan.ts";
export type { IsHost, Scan } from "./scan.ts";
export { makesObjects } from "./heap.ts";
export { marks, pagesOfMarks } from "./marks/layout.ts";
export { added } from "./names.ts";
