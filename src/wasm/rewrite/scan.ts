import type { Body, CoreModule, ModuleImport } from "../binary/index.ts";
import { instruction, misc, nextInstruction, objects, opcode, Reader, valueType } from "../binary/index.ts";
import { isAloneWait } from "./alone.ts";
import { isArrayBulk, makesObject } from "./heap.ts";
import { withDirectJumps } from "./jumps/direct.ts";
import { storedBytes } from "./marks/stores.ts";
import { isShort, isStretch, keyOf, type Stretch } from "./pieces.ts";
import { heavyBytes, isSlow, slowBytes } from "./slow.ts";

/** What a function does, as far as its cost goes: in order, each with the byte where it happens. */
export interface Trace {
  /** Pairs of event and byte offset. Events: a function index for a call, or one of `event`. */
  events: number[];
  /** For each of them, bytes that count in loops besides those of the code up to it, since what they do may take long. */
  slow: number[];
  /** Bytes of its code, and what counts as such. */
  size: number;
  /** It holds operations on whole stretches of tables or arrays. */
  bulk: boolean;
  /** It grows a memory. */
  grows: boolean;
  /** Kinds of operations on stretches of memory, but for the short ones: each once, however often it stands there. */
  stretches: readonly Stretch[];
  /**
   * By where they stand: sizes of operations on stretches of memory that are constants and small, which the engine does by loads
   * and stores. Nothing counts them, and their marks are planned as those of stores.
   */
  short: ReadonlyMap<number, number> | undefined;
  /** It holds plain stores, or short operations. */
  stores: boolean;
  /** It changes what a reset must undo, stores or not, or asks for the size of a memory. */
  changes: boolean;
  /** It makes objects of the engine's heap, or exceptions where those can be kept. */
  makes: boolean;
  /** It waits for a value in a shared memory to change. */
  waits: boolean;
  /** It throws exceptions. */
  throws: boolean;
  /** It catches exceptions. */
  catches: boolean;
  /**
   * By loop, in the order of their headers: it holds no other loop, no call that comes back, and only plain branches and blocks.
   * Calls that do not come back, with `unreachable` behind them, are what compilers make of a bound that an index passes.
   */
  tight: boolean[];
  /** By loop: tight but for calls that come back to it. */
  flat: boolean[];
  /** By loop: neither it nor a loop in it holds a call that comes back. */
  quiet: boolean[];
  /** It has a loop that wants more registers for integers than there are, and those for numbers are free. */
  crowded: boolean;
  /** Its addresses are mostly the lower halves of values of 64 bits. */
  wraps: boolean;
}

/** `gone`: the call before does not come back, or ends by an exception. */
export const event = { loop: -1, loopEnd: -2, indirect: -3, gone: -4 } as const;

export interface Scan {
  /** What was scanned: the module with its jumps as `withDirectJumps` has them. */
  module: CoreModule;
  /** By own function, in the order of bodies. */
  traces: Trace[];
  /** Function indices that code, tables, globals or exports hand out, so that anybody may call them. */
  escaping: Set<number>;
  /** A global that is a stack pointer which functions ask for each time, and do not keep in a local. */
  pointer: number | undefined;
  /** Exceptions may be caught on their way out of its functions, by itself or by another module of its component. */
  catches: boolean;
  /** Functions of the host may be called through tables, or by references. */
  handsOut: boolean;
}

/**
 * Of all modules of a component: an exception passes through those that catch none to those that do, and references go from one to
 * another. Throws `component-malformed`.
 * @param isHost whether a function that a module imports, by its name, is one of the host, or of another component; all may be where nothing is said.
 */
export function scanAll(modules: readonly CoreModule[], isHost: IsHost = () => true): Scan[] {
  const scans = modules.map((module) => scan(module));
  const catches = scans.some((each) => each.catches);
  const handsOut = modules.some((module, i) => handsOutAny(module, scans[i]!.escaping, (found) => isHost(i, found)));
  return scans.map((each) => ({ ...each, catches, handsOut }));
}

/** @param module by its place among all. */
export type IsHost = (module: number, found: ModuleImport) => boolean;

function handsOutAny(module: CoreModule, escaping: Set<number>, isHost: (found: ModuleImport) => boolean): boolean {
  const functions = module.imports.filter(({ kind }) => kind === "func");
  return functions.some((found, index) => escaping.has(index) && isHost(found));
}

/** Reads all code once. Throws `component-malformed`. */
export function scan(given: CoreModule, base = 0): Scan {
  const module = withDirectJumps(given);
  const escaping = new Set<number>();
  for (const { functions } of module.elements) {
    for (const index of functions) if (index !== undefined) escaping.add(index);
  }
  for (const { kind, index } of module.exports) if (kind === "func") escaping.add(index);
  for (const index of module.referenced) escaping.add(index);
  const uses: Uses = { gets: new Map(), sets: new Map(), seen: [], loop: 0 };
  const traces = module.bodies.map((body) => trace(module, body, base, escaping, uses));
  const catches = traces.some((each) => each.catches);
  const handsOut = handsOutAny(module, escaping, () => true);
  return { module, traces, escaping, pointer: pointerAmong(module, uses), catches, handsOut };
}

/** How often code takes and sets globals. */
interface Uses {
  gets: Map<number, number>;
  sets: Map<number, number>;
  /** By local, the loop that it was seen in last, by the count of all loops. */
  seen: number[];
  loop: number;
}

/** The one that is set most often, where it is taken more often still. */
function pointerAmong({ bytes, mutableGlobals }: CoreModule, { gets, sets }: Uses): number | undefined {
  const [global, times] = [...sets].reduce((most, one) => (one[1] > most[1] ? one : most), [-1, 0]);
  const own = mutableGlobals.find(({ index }) => index === global);
  if (own === undefined || bytes[own.start] !== 0x7f) return undefined;
  return gets.get(global)! >= 2 * times ? global : undefined;
}

function trace(module: CoreModule, body: Body, base: number, escaping: Set<number>, uses: Uses): Trace {
  const { gets, sets, seen } = uses;
  const reader = new Reader(module.bytes, body.start, body.end, { base, section: "code section" });
  skipLocals(reader);
  const events: number[] = [];
  const slow: number[] = [];
  let more = 0;
  let heavier = 0;
  const happens = (what: number, at: number): void => {
    events.push(what, at);
    slow.push(more);
  };
  const found = instruction();
  const open: boolean[] = [];
  let bulk = false;
  let stretches: Map<string, Stretch> | undefined;
  let short: Map<number, number> | undefined;
  /** What the instruction before put on the stack, where that is a constant. */
  let constant: number | undefined;
  let before: number | undefined;
  let stores = false;
  let changes = false;
  let grows = false;
  let waits = false;
  let makes = false;
  let throws = false;
  let catches = false;
  const tight: boolean[] = [];
  const flat: boolean[] = [];
  const quiet: boolean[] = [];
  const loops: number[] = [];
  /** Around us, the number of each among all loops of the module, and how many locals it takes from before it, and uses at all. */
  const numbers: number[] = [];
  const wanted: number[] = [];
  const used: number[] = [];
  let crowded = false;
  let isWide = false;
  let numbersToo = false;
  const holdsLoop: boolean[] = [];
  let wrapped = 0;
  let accesses = 0;
  const loosen = (): void => void (loops.length > 0 && (tight[loops.at(-1)!] = flat[loops.at(-1)!] = false));
  const call = (): void => {
    if (loops.length > 0) tight[loops.at(-1)!] = false;
    for (let n = loops.length - 1; n >= 0 && quiet[loops[n]!]!; n--) quiet[loops[n]!] = false;
  };
  let ended = false;
  /** The instruction before was a call, of which we do not know yet whether it comes back. */
  let called = false;
  while (!reader.done) {
    const op = nextInstruction(reader, found);
    before = constant;
    constant = op === opcode.i32Const ? found.value : undefined;
    if (called && op !== opcode.unreachable) call();
    else if (called) happens(event.gone, found.start);
    called = false;
    if (isSlow(op)) more += slowBytes;
    const heavy = heavyBytes(found);
    if (heavy > 0) {
      more += heavy;
      heavier += heavy;
    }
    numbersToo ||= op >= f32Abs && op <= f64Copysign;
    if (op === opcode.i32WrapI64) wrapped++;
    else if (op >= opcode.i32Load && op <= opcode.i64Store32) accesses++;
    switch (op) {
      case opcode.localGet:
      case opcode.localSet:
      case opcode.localTee: {
        const loop = numbers.at(-1);
        if (loop === undefined || seen[found.index] === loop) break;
        seen[found.index] = loop;
        used[used.length - 1]!++;
        if (op === opcode.localGet) wanted[wanted.length - 1]!++;
        break;
      }
      case opcode.loop:
        happens(event.loop, found.start);
        open.push(true);
        loosen();
        flat.push(isWithoutParameters(module.bytes[found.start + 1]!));
        loops.push(tight.push(flat.at(-1)!) - 1);
        quiet.push(true);
        if (loops.length > 1) holdsLoop[loops.at(-2)!] = true;
        holdsLoop.push(false);
        numbers.push(++uses.loop);
        wanted.push(0);
        used.push(0);
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
        throws = true;
        loosen();
        break;
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
          happens(event.loopEnd, found.start);
          const loop = loops.pop()!;
          numbers.pop();
          const [before, all] = [wanted.pop()!, used.pop()!];
          // What loops within it want is counted with it, some of it twice.
          if (holdsLoop[loop]!) isWide ||= quiet[loop]! && before >= registers;
          else if (!tight[loop]!) crowded ||= before >= registers || all >= 2 * registers;
        }
        break;
      case opcode.call:
      case opcode.returnCall:
        if (found.index >= module.functions.length)
          reader.fail(`expected a function, got index ${found.index}`, found.start);
        happens(found.index, found.start);
        // What stands behind a call in the place of its function says nothing of whether that comes back.
        if (op === opcode.call) called = true;
        else call();
        break;
      case opcode.callIndirect:
      case opcode.callRef:
        happens(event.indirect, found.start);
        called = true;
        break;
      case opcode.returnCallIndirect:
      case opcode.returnCallRef:
        happens(event.indirect, found.start);
        call();
        break;
      case opcode.globalGet:
        gets.set(found.index, (gets.get(found.index) ?? 0) + 1);
        break;
      case opcode.globalSet:
        sets.set(found.index, (sets.get(found.index) ?? 0) + 1);
        break;
      case opcode.refFunc:
        escaping.add(found.index);
        break;
      case opcode.misc:
        if (found.sub < misc.memoryInit) break;
        changes = true;
        if (before !== undefined && isShort(module, found, before)) {
          (short ??= new Map()).set(found.start, before);
          stores = true;
          break;
        }
        if (isStretch(found.sub)) {
          const { sub, index, second } = found;
          (stretches ??= new Map()).set(keyOf(found), { sub, index, second });
        } else bulk = true;
        loosen();
        break;
      case opcode.memoryGrow:
        grows = changes = true;
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
      case opcode.throwRef:
        throws = true;
        break;
      case opcode.throw:
        throws = true;
        if (module.holdsExceptions) makes = true;
        break;
      default:
        if (found.op >= opcode.i32Store && found.op <= opcode.i64Store32) stores = changes = true;
    }
  }
  if (!ended) reader.fail("expected the end of the function");
  const size = body.end - body.start + heavier;
  const wraps = 2 * wrapped > accesses;
  crowded ||= isWide && !numbersToo;
  return {
    events,
    slow,
    crowded,
    wraps,
    size,
    bulk,
    grows,
    stretches: stretches === undefined ? none : [...stretches.values()],
    short,
    stores,
    changes,
    waits,
    throws,
    catches,
    makes,
    tight,
    flat,
    quiet,
  };
}

/**
 * Locals that a loop takes from before it, by which few registers are left: then the engine keeps what is counted in memory, and each
 * round waits for what the one before it has written there.
 */
const registers = 6;

/** The first and the last operator on numbers. */
const [f32Abs, f64Copysign] = [0x8b, 0xa6];

/** Of the most functions. */
const none: readonly Stretch[] = [];

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
