import type { CoreModule } from "../binary/index.ts";
import { Writer } from "../binary/index.ts";
import { AloneVisitor } from "./alone.ts";
import type { BodyVisitor } from "./body.ts";
import { rewriteBody } from "./body.ts";
import { weights } from "./cost.ts";
import { askBody, HeapVisitor, type HeapPlaces } from "./heap.ts";
import type { Hints } from "./hints.ts";
import { declaredHints, hintContent } from "./hints.ts";
import type { Places } from "./interrupt.ts";
import { armBody, checkBody, InterruptVisitor } from "./interrupt.ts";
import type { ResetPlaces } from "./marks/places.ts";
import { HoldVisitor } from "./marks/hold.ts";
import { MarkPlanner } from "./marks/plan.ts";
import { MarkVisitor } from "./marks/visitor.ts";
import type { Pieces } from "./pieces.ts";
import type { Scan, Trace } from "./scan.ts";

/** The type of a block that leaves nothing. */
const none = 0x40;

/** Code section and branch hints with all that is added. @param more bodies that come last. */
export function rewriteCode(
  module: CoreModule,
  { traces, escaping }: Scan,
  at: Places,
  heap: HeapPlaces | undefined,
  reset: ResetPlaces | undefined,
  pieces: Pieces,
  more: readonly Uint8Array[],
): { code: Uint8Array; hints: Uint8Array | undefined } {
  const { entry, loops, outward, settles } = weights(module, { traces, escaping });
  const planner = new MarkPlanner(module);
  const declared = declaredHints(module);
  const hints: Hints = new Map();
  const out = new Writer((module.bodies.at(-1)?.end ?? 0) - (module.bodies[0]?.start ?? 0) + 4096);
  const last = [
    checkBody(at),
    armBody(at, module.start),
    ...(heap ? [askBody(at, heap)] : []),
    ...pieces.bodies(reset),
    ...more,
  ];
  out.u32(module.bodies.length + last.length);
  const marked = (trace: Trace, own: number): BodyVisitor[] => {
    if (reset === undefined || !trace.changes) return [];
    const plan = planner.plan(module.bodies[own]!, trace);
    const marks = new MarkVisitor(reset, plan, trace.bulk);
    return plan.length > 0 && trace.tight.length > 0 ? [new HoldVisitor(reset, trace), marks] : [marks];
  };
  for (const [own, body] of module.bodies.entries()) {
    const index = own + module.importedFunctions;
    const trace = traces[own]!;
    const checks = new InterruptVisitor(module, at, trace, pieces, {
      entry: entry[own]!,
      loops: loops[own]!,
      outward: outward[own]!,
      result: settles[own] === 1 ? (module.types[module.functions[index]!]!.results[0] ?? none) : undefined,
    });
    const visitors: BodyVisitor[] = marked(trace, own);
    // Marks write over what grows a memory, so they come behind; what stands before loops comes first.
    if (checks.locals.length > 0) visitors.splice(visitors.length === 2 ? 1 : 0, 0, checks);
    if (trace.waits) visitors.push(new AloneVisitor(module));
    if (trace.makes) visitors.push(new HeapVisitor(module, heap!));
    const old = declared.get(index);
    if (visitors.length === 0) {
      out.u32(body.end - body.start).copy(module.bytes, body.start, body.end);
      if (old !== undefined) hints.set(index, old);
      continue;
    }
    const params = module.types[module.functions[index]!]!.params.length;
    const written = rewriteBody(module, body, params, visitors, old);
    out.u32(written.length).raw(written.view());
    if (written.hints.length > 0) hints.set(index, written.hints);
  }
  for (const body of last) out.u32(body.length).raw(body);
  return { code: out.view(), hints: hintContent(hints) };
}
