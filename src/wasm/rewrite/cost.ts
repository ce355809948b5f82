import type { CoreModule } from "../binary/index.ts";
import { recursive } from "./recursive.ts";
import type { Scan, Trace } from "./scan.ts";
import { event } from "./scan.ts";

/** Where a module counts, and how much: by own function. */
export interface Weights {
  /** At its entry; 0: its callers' count covers it. */
  entry: Uint32Array;
  /** At its loops, in the order of their headers. */
  loops: number[][];
  /** Loops that call the host: what it does may take long, so each round goes into the count that all share, which the host may end. */
  outward: boolean[][];
  /** 1: what its loops counted in a local goes into the count that all share when it returns, and its entry's with it. */
  settles: Uint8Array;
  /** 1: nothing that it calls counts in a local of its own, so that what it counts may stand beside the count that all share for longer. */
  last: Uint8Array;
  /** 1: it may call itself, by others too. */
  cyclic: Uint8Array;
}

/** Bytes of code for one unit of the count. */
const unit = 256;
/**
 * Units that a function's loops count in a local before they go into the count that all share: a global that every
 * round changes costs as much as a short round itself, and a branch that is taken now and then is one that the
 * processor guesses wrong. Where the function does not settle what is left when it returns, that is lost: so it may be less.
 */
export const localUnits = { settled: 512, lost: 64 };
/** What a function with loops costs more, for what its loops may leave uncounted. */
const ahead = 16;
/** A function that costs less than so many bytes, callees included, is counted by its callers. */
const small = 4096;
/** What a call to the host is taken for. */
const callOut = 256;
/** The same for functions that are called through a table, where callers cannot know what they call. */
const smallIndirect = 256;

/**
 * Decides where to count, so that no path through the module runs for long uncounted: not a loop, not a
 * recursion, and not calls of calls without either (forty levels of two calls each never end as well).
 * Cost is bytes of code, which bounds what one pass through it can do.
 */
export function weights(module: CoreModule, { traces: given, escaping, catches, handsOut }: Scan): Weights {
  const traces = catches ? given.map(withoutGone) : given;
  const { order, cyclic, leaves } = recursive(module, traces);
  const imported = module.importedFunctions;
  const cost = new Float64Array(traces.length);
  const entry = new Uint32Array(traces.length);
  const settles = catches ? new Uint8Array(traces.length) : settling(module, traces);
  /** 1: it calls the host, and is counted by its callers. */
  const reaches = new Uint8Array(traces.length);
  const isOutward = (what: number): boolean =>
    what === event.indirect ? handsOut : what < imported || reaches[what - imported] === 1;
  const calleeCost = (index: number): number => (index < imported ? callOut : cost[index - imported]!);
  for (const own of order) {
    const total = costOf(traces[own]!, calleeCost);
    const limit = escaping.has(own + imported) ? smallIndirect : small;
    // One that is called through a table and calls on may be its own caller.
    const reenters = cyclic[own] === 1 || (leaves[own] === 0 && escaping.has(own + imported));
    const loops = traces[own]!.events.includes(event.loop);
    const loses = loops && settles[own] === 0;
    const counted = reenters || total > limit || (loses && escaping.has(own + imported));
    const all = total + (loses ? ahead * unit : 0);
    entry[own] = counted ? 1 + Math.floor(all / unit) : 0;
    cost[own] = counted ? 0 : all;
    if (!counted && traces[own]!.events.some((what, i, all) => comesBack(all, i) && isOutward(what))) reaches[own] = 1;
  }
  const loops = traces.map((trace) => loopWeights(trace, calleeCost));
  const last = lastToCount(traces, order, cyclic, imported);
  return { entry, loops, last, cyclic, outward: traces.map((trace) => outwardLoops(trace, isOutward)), settles };
}

/** Functions in which no other with loops can be active meanwhile, however many calls of calls there are: what is imported may call back. */
function lastToCount(
  traces: readonly Trace[],
  order: readonly number[],
  cyclic: Uint8Array,
  imported: number,
): Uint8Array {
  const last = new Uint8Array(traces.length);
  const hasLoops = (own: number): boolean => traces[own]!.events.includes(event.loop);
  const isQuiet = (what: number, i: number): boolean =>
    i % 2 === 1 || (what < 0 ? what !== event.indirect : last[what - imported] === 1 && !hasLoops(what - imported));
  for (const own of order) if (cyclic[own] === 0 && traces[own]!.events.every(isQuiet)) last[own] = 1;
  return last;
}

/**
 * Functions with loops, but for those whose results are more than one byte says. Not where exceptions are caught, which pass by what
 * stands at the end of a function: what thousands of active ones have counted would be lost each time.
 */
function settling(module: CoreModule, traces: readonly Trace[]): Uint8Array {
  const settles = new Uint8Array(traces.length);
  for (const [own, { events }] of traces.entries()) {
    const { results } = module.types[module.functions[own + module.importedFunctions]!]!;
    if (results.length <= 1 && !wide.has(results[0] ?? 0) && events.includes(event.loop)) settles[own] = 1;
  }
  return settles;
}

/** First bytes of references to types by their index. */
const wide = new Set([0x63, 0x64]);

/**
 * Where exceptions are caught, what a call took that ends by one is spent, and all goes on: so it counts as others do. Forty levels of
 * functions that each call the next one twice, and catch what it throws, never end.
 */
function withoutGone(trace: Trace): Trace {
  const { events, slow } = trace;
  if (!events.includes(event.gone)) return trace;
  const kept = { events: [] as number[], slow: [] as number[] };
  for (let i = 0; i < events.length; i += 2) {
    if (events[i] === event.gone) continue;
    kept.events.push(events[i]!, events[i + 1]!);
    kept.slow.push(slow[i / 2]!);
  }
  return { ...trace, ...kept };
}

function costOf({ events, size }: Trace, calleeCost: (index: number) => number): number {
  let total = size;
  for (let i = 0; i < events.length; i += 2) {
    const what = events[i]!;
    // What does not come back ends all that is counted.
    if (events[i + 2] === event.gone) continue;
    if (what >= 0) total += calleeCost(what);
    else if (what === event.indirect) total += smallIndirect / 4;
  }
  return total;
}

function loopWeights({ events, slow }: Trace, calleeCost: (index: number) => number): number[] {
  const found: number[] = [];
  const open: { place: number; from: number }[] = [];
  let called = 0;
  let before = 0;
  for (let i = 0; i < events.length; i += 2) {
    const what = events[i]!;
    const at = events[i + 1]! + slow[i / 2]!;
    if (what === event.loop) open.push({ place: found.push(1) - 1, from: at + called });
    else if (what === event.loopEnd) {
      const { place, from } = open.pop()!;
      found[place] = 1 + Math.floor((at + called - from) / unit);
    } else if (what === event.gone) called = before; // No round goes on behind it.
    else {
      before = called;
      called += what === event.indirect ? smallIndirect / 4 : calleeCost(what);
    }
  }
  return found;
}

function outwardLoops({ events }: Trace, isOutward: (index: number) => boolean): boolean[] {
  const found: boolean[] = [];
  const open: number[] = [];
  for (let i = 0; i < events.length; i += 2) {
    const what = events[i]!;
    if (what === event.loop) open.push(found.push(false) - 1);
    else if (what === event.loopEnd) open.pop();
    else if (comesBack(events, i) && isOutward(what)) for (const loop of open) found[loop] = true;
  }
  return found;
}

/** At this place in the events there is a call of a function, and not one that ends in a trap, as those that report it do. */
function comesBack(events: readonly number[], i: number): boolean {
  return i % 2 === 0 && (events[i]! >= 0 || events[i] === event.indirect) && events[i + 2] !== event.gone;
}
