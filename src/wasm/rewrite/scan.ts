import type { Body, CoreModule } from "../binary/index.ts";
import { instruction, misc, nextInstruction, objects, opcode, Reader, valueType } from "../binary/index.ts";
import { isAloneWait } from "./alone.ts";
import { isArrayBulk, makesObject } from "./heap.ts";
import { storedBytes } from "./marks/stores.ts";
import { isStretch, type Stretch } from "./pieces.ts";

/** What a function does, as far as its cost goes: in order, each with the byte where it happens. */
export interface Trace {
  /** Pairs of event and byte offset. Events: a function index for a call, or one of `event`. */
  events: number[];
  size: number;
  /** It holds operations on whole stretches of memories, tables or arrays, or grows a memory. */
  bulk: boolean;
  /** Operations on stretches of memory. */
  stretches: Stretch[];
  /** It holds plain stores. */
  stores: boolean;
  /** It changes what a reset must undo, stores or not, or asks for the size of a memory. */
  changes: boolean;
  /** It makes objects of the engine's heap, or exceptions where those can be kept. */
  makes: boolean;
  /** It waits for a value in a shared memory to change. */
  waits: boolean;
  /** It catches exceptions. */
  catches: boolean;
  /** By loop, in the order of their headers: it holds no other loop, no call, and only plain branches and blocks. */
  tight: boolean[];
}

export const event = { loop: -1, loopEnd: -2, indirect: -3 } as const;

export interface Scan {
  /** By own function, in the order of bodies. */
  traces: Trace[];
  /** Function indices that code, tables, globals or exports hand out, so that anybody may call them. */
  escaping: Set<number>;
}

/** Reads all code once. Throws `component-malformed`. */
export function scan(module: CoreModule, base = 0): Scan {
  const escaping = new Set<number>();
  for (const { functions } of module.elements) {
    for (const index of functions) if (index !== undefined) escaping.add(index);
  }
  for (const { kind, index } of module.exports) if (kind === "func") escaping.add(index);
  for (const index of module.referenced) escaping.add(index);
  const traces = module.bodies.map((body) => trace(module, body, base, escaping));
  return { traces, escaping };
}

function trace(module: CoreModule, body: Body, base: number, escaping: Set<number>): Trace {
  const reader = new Reader(module.bytes, body.start, body.end, { base, section: "code section" });
  skipLocals(reader);
  const events: number[] = [];
  const found = instruction();
  const open: boolean[] = [];
  let bulk = false;
  let stretches = none;
  let stores = false;
  let changes = false;
  let waits = false;
  let makes = false;
  let catches = false;
  const tight: boolean[] = [];
  const loops: number[] = [];
  const loosen = (): void => void (loops.length > 0 && (tight[loops.at(-1)!] = false));
  let ended = false;
  while (!reader.done) {
    switch (nextInstruction(reader, found)) {
      case opcode.loop:
        events.push(event.loop, found.start);
        open.push(true);
        loosen();
        loops.push(tight.push(isWithoutParameters(module.bytes[found.start + 1]!)) - 1);
        break;
      case opcode.try:
      case opcode.tryTable:
        catches = true;
        loosen();
        open.push(false);
        break;
      case opcode.block:
      case opcode.if:
        open.push(false);
        break;
      case opcode.rethrow:
      case opcode.brOnNull:
      case opcode.brOnNonNull:
        loosen();
        break;
      case opcode.end:
      case opcode.delegate:
        if (open.length === 0) {
          ended = reader.done && found.op === opcode.end;
          if (!ended) reader.fail("expected the end of the function", found.start);
        } else if (open.pop()!) {
          events.push(event.loopEnd, found.start);
          loops.pop();
        }
        break;
      case opcode.call:
      case opcode.returnCall:
        if (found.index >= module.functions.length)
          reader.fail(`expected a function, got index ${found.index}`, found.start);
        events.push(found.index, found.start);
        loosen();
        break;
      case opcode.callIndirect:
      case opcode.callRef:
      case opcode.returnCallIndirect:
      case opcode.returnCallRef:
        events.push(event.indirect, found.start);
        loosen();
        break;
      case opcode.refFunc:
        escaping.add(found.index);
        break;
      case opcode.misc:
        if (found.sub < misc.memoryInit) break;
        bulk = changes = true;
        if (isStretch(found.sub)) {
          const { sub, index, second } = found;
          stretches = [...stretches, { sub, index, second }];
        }
        loosen();
        break;
      case opcode.memoryGrow:
        bulk = changes = true;
        loosen();
        break;
      case opcode.tableSet:
      case opcode.memorySize:
        changes = true;
        loosen();
        break;
      case opcode.simd:
        if (storedBytes(found) > 0) stores = changes = true;
        break;
      case opcode.atomic:
        if (storedBytes(found) > 0) stores = changes = true;
        if (isAloneWait(module, found)) waits = true;
        break;
      case opcode.gc:
        if (isArrayBulk(found.sub)) bulk = true;
        if (makesObject(found.sub)) makes = true;
        if (isArrayBulk(found.sub) || makesObject(found.sub)) loosen();
        else if (found.sub === objects.brOnCast || found.sub === objects.brOnCastFail) loosen();
        break;
      case opcode.throw:
        if (module.holdsExceptions) makes = true;
        break;
      default:
        if (found.op >= opcode.i32Store && found.op <= opcode.i64Store32) stores = changes = true;
    }
  }
  if (!ended) reader.fail("expected the end of the function");
  return { events, size: body.end - body.start, bulk, stretches, stores, changes, waits, catches, makes, tight };
}

/** Of the most functions. */
const none: Stretch[] = [];

/** By the first byte of a block type: nothing or one value, not the index of a type. */
function isWithoutParameters(first: number): boolean {
  return first >= 0x40 && first <= 0x7f && first !== 0x63 && first !== 0x64;
}

/** Passes over local declarations. Answers how many groups there are, where they start, and how many locals they make. */
export function skipLocals(reader: Reader): { groups: number; groupsAt: number; count: number } {
  const groups = reader.count("locals", 2);
  const groupsAt = reader.position;
  let count = 0;
  for (let n = groups; n > 0; n--) {
    count += reader.u32("a number of locals");
    valueType(reader);
  }
  if (count > mostLocals) reader.fail(`expected at most ${mostLocals} locals, got ${count}`, groupsAt);
  return { groups, groupsAt, count };
}

/** As V8 has it. */
const mostLocals = 50_000;
