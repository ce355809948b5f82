import { BandstandError } from "../../foundation/errors/index.ts";
import type { CoreModule } from "../binary/index.ts";
import { empty, Writer } from "../binary/index.ts";
import { AloneVisitor } from "./alone.ts";
import type { BodyVisitor, BodyWriter } from "./body.ts";
import { rewriteBody } from "./body.ts";
import { weights } from "./cost.ts";
import { askBody, HeapVisitor, type HeapPlaces } from "./heap.ts";
import type { Hints } from "./hints.ts";
import { declaredHints, hintContent } from "./hints.ts";
import type { Places } from "./asking.ts";
import { againBody, armBody, checkBody, farBody, takeBody } from "./asking.ts";
import { InterruptVisitor } from "./interrupt.ts";
import type { ResetPlaces } from "./marks/places.ts";
import { HoldVisitor } from "./marks/hold.ts";
import { pointerOf } from "./marks/pointer.ts";
import { MarkPlanner } from "./marks/plan.ts";
import { MarkVisitor } from "./marks/visitor.ts";
import type { Pieces } from "./pieces.ts";
import type { Room } from "./room.ts";
import type { Scan, Trace } from "./scan.ts";
import { copiesOfLoops, once, type Copies } from "./short-loops.ts";

/** V8 makes functions of up to so many bytes part of those that call them often; else every call costs some nanoseconds. */
const inlined = 500;

/**
 * Numbers that stand for one hint. V8 makes a table of its own for each function that has hints, a tenth of a microsecond of every start:
 * so the check at the entry of a function alone is none worth it, unless that is short and calls itself.
 */
const one = 2;

/** Bytes by which a mark is shorter that is a call, at least. */
const savedByCall = 5;

/** How a function is written: shorter than else, where it is to be made part of others. */
interface Form {
  copies: readonly Copies[];
  /** What it counts at its entry is a call. */
  brief: boolean;
  /** How many of its last marks are calls. */
  called: number;
}

/** Bytes of one function that V8 takes. */
const largest = 7_654_321;
/** Bytes of code that come out of one module: some times as many as the largest programs have. What is made of an empty loop is twenty times as long. */
const mostCode = 256 << 20;

/** Code section and branch hints with all that is added. @param more bodies that come last but for those that make room. */
export function rewriteCode(
  module: CoreModule,
  scan: Scan,
  at: Places,
  heap: HeapPlaces | undefined,
  reset: ResetPlaces | undefined,
  pieces: Pieces,
  more: readonly Uint8Array[],
  room: Room,
): { code: Uint8Array; hints: Uint8Array | undefined } {
  const { traces } = scan;
  const { entry, loops, outward, settles, last: lasts, cyclic } = weights(module, scan);
  const followed = reset === undefined ? undefined : pointerOf(module, scan);
  const planner = new MarkPlanner(module);
  const declared = declaredHints(module);
  const called = calledWithin(module, traces);
  const hints: Hints = new Map();
  const out = new Writer((module.bodies.at(-1)?.end ?? 0) - (module.bodies[0]?.start ?? 0) + 4096);
  const last = [
    checkBody(at),
    armBody(at, module.start),
    takeBody(at),
    againBody(at),
    farBody(at),
    ...(heap ? [askBody(at, heap)] : []),
    ...pieces.bodies(reset),
    ...more,
  ];
  const marked = (trace: Trace, own: number, { copies, called }: Form): BodyVisitor[] => {
    if (reset === undefined || !trace.changes) return [];
    const pointer = followed?.steady[own] === 1 ? followed.pointer : undefined;
    const plan = planner.plan(module.bodies[own]!, trace, copies, pointer);
    const marks = new MarkVisitor(reset, plan, trace, Math.min(called, plan.length));
    return plan.length > 0 && trace.tight.length > 0 ? [new HoldVisitor(reset, trace), marks] : [marks];
  };
  const visitorsOf = (own: number, form: Form): BodyVisitor[] => {
    const trace = traces[own]!;
    const index = own + module.importedFunctions;
    const checks = new InterruptVisitor(module, at, trace, pieces, {
      entry: entry[own]!,
      loops: loops[own]!,
      outward: outward[own]!,
      copies: form.copies,
      brief: form.brief,
      // Getting ready for it takes a recursion longer than it wins.
      far: trace.crowded && cyclic[own] === 0,
      last: lasts[own] === 1,
      throws: scan.catches && trace.throws,
      result: settles[own] === 1 ? (module.types[module.functions[index]!]!.results[0] ?? empty) : undefined,
    });
    const visitors = marked(trace, own, form);
    // Marks write over what grows a memory, so they come behind; what stands before loops comes first.
    if (checks.writes) visitors.splice(visitors.length === 2 ? 1 : 0, 0, checks);
    if (trace.waits) visitors.push(new AloneVisitor(module));
    if (trace.makes) visitors.push(new HeapVisitor(module, heap!));
    return visitors;
  };
  for (const [own, body] of module.bodies.entries()) {
    const index = own + module.importedFunctions;
    const old = declared.get(index);
    const params = module.types[module.functions[index]!]!.params.length;
    const write = (form: Form): BodyWriter | undefined => {
      const visitors = visitorsOf(own, form);
      return visitors.length === 0 ? undefined : rewriteBody(module, body, params, visitors, old);
    };
    const copies = copiesOfLoops(traces[own]!);
    const plainly: Form = { copies: copies.map(() => once), brief: false, called: 0 };
    let written = write({ ...plainly, copies });
    if (written === undefined) {
      room.see(body.end - body.start);
      out.u32(body.end - body.start).copy(module.bytes, body.start, body.end);
      if (old !== undefined) hints.set(index, old);
      continue;
    }
    if (body.end - body.start <= inlined && written.length > inlined && called.has(index)) {
      let shorter = write(plainly)!;
      if (shorter.length > inlined) {
        const called = Math.ceil((shorter.length - inlined) / savedByCall);
        shorter = write({ ...plainly, brief: true, called })!;
      }
      if (shorter.length <= inlined) written = shorter;
    }
    if (written.length > largest) written = write(plainly)!;
    if (written.length > largest || out.length > mostCode) refuse(module);
    room.see(written.length);
    out.u32(written.length).raw(written.view());
    const isForEntry = written.hints.length === one && entry[own]! > 0 && settles[own] === 0;
    const isOften = cyclic[own] === 1 && written.length <= inlined;
    if (written.hints.length > 0 && (isOften || !isForEntry)) hints.set(index, written.hints);
  }
  for (const body of last) {
    room.see(body.length);
    out.u32(body.length).raw(body);
  }
  const count = module.bodies.length + last.length + room.wanted;
  const code = new Writer(out.length + 4 * room.wanted + 5).u32(count).raw(out.view()).raw(room.bodies()).view();
  return { code, hints: hintContent(hints) };
}

function refuse({ name = "" }: CoreModule): never {
  throw new BandstandError(
    "component-unsupported",
    `core module ${name} with its interruption checks is more code than the engine takes`,
    { remedy: "Build it with less code, or in smaller functions." },
  );
}

/** Functions that others of the module call, themselves or through tables. */
function calledWithin({ elements, referenced }: CoreModule, traces: readonly Trace[]): Set<number | undefined> {
  const called = new Set<number | undefined>(referenced);
  for (const { functions } of elements) for (const index of functions) called.add(index);
  for (const { events } of traces) for (let i = 0; i < events.length; i += 2) called.add(events[i]);
  return called;
}
