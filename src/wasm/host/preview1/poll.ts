import { monotonic } from "../../../foundation/time/clock.ts";
import { standStill } from "../../../foundation/time/stand-still.ts";
import { waiting, type Function } from "../define.ts";
import { counted } from "../io/poll.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";
import { clock, realtime } from "./clocks.ts";
import type { Open } from "./descriptors.ts";
import { errno } from "./errno-numbers.ts";
import { attempt, errnoOf, Refused } from "./errno.ts";
import { flagsOf } from "./flags.ts";
import { descriptorsOf, worldOf } from "./world.ts";

/** Subscriptions of one call. */
const most = 4096;
const eventSize = 32;
/** `eventtype`. */
const kinds = { clock: 0, read: 1, write: 2 } as const;
const absolute = 1;
const hangup = 1;
/** Milliseconds: what timers do not measure well, and holds up nobody where a program has its thread for itself. */
const moment = 5;
/** Milliseconds in which a read comes back that finds something. */
const inputTime = 3;

/** How a `subscription` lies in memory: a clock's began with a number for itself before. */
export interface SubscriptionLayout {
  size: number;
  /** Of the clock, behind which its time, precision and flags follow. */
  clock: number;
}

export const subscriptionLayouts = {
  snapshot: { size: 48, clock: 16 },
  unstable: { size: 56, clock: 24 },
} as const satisfies Record<string, SubscriptionLayout>;

/** What a program waits for. */
interface Subscription {
  userdata: bigint;
  kind: number;
  /** By `monotonic()`: of a clock. */
  deadline: number | undefined;
  open: Open | undefined;
  error: number;
}

/** One that may be answered now: bytes that are there, and whether more will come. */
type Ready = { bytes: bigint; flags: number; error: number } | undefined;

const nothing = { bytes: 0n, flags: 0, error: errno.success };

function read(guest: Guest, memory: GuestMemory, at: number, layout: SubscriptionLayout): Subscription {
  const { view } = memory;
  const found = {
    userdata: view.getBigUint64(at, true),
    kind: view.getUint8(at + 8),
    deadline: undefined as number | undefined,
    open: undefined as Open | undefined,
    error: errno.success,
  };
  if (found.kind > kinds.write) throw new Refused("inval");
  if (found.kind === kinds.clock) {
    found.error = attempt(() => (found.deadline = deadlineOf(guest, view, at + layout.clock)));
    return found;
  }
  found.error = attempt(() => {
    const open = descriptorsOf(guest).get(view.getUint32(at + 16, true), "poll_fd_readwrite");
    const wrong = found.kind === kinds.read ? "output" : "input";
    if (open.kind === "directory" || open.kind === wrong) throw new Refused("badf");
    found.open = open;
  });
  return found;
}

/** When a clock's time is there, by `monotonic()`. */
function deadlineOf(guest: Guest, view: DataView, at: number): number {
  const id = view.getUint32(at, true);
  const time = Number(view.getBigUint64(at + 8, true)) / 1e6;
  const isAbsolute = flagsOf(view.getUint16(at + 24, true), { absolute }) !== 0;
  if (id !== clock.realtime && id !== clock.monotonic) throw new Refused("inval");
  const now = guest.once(() => monotonic());
  if (!isAbsolute) return now + time;
  return id === clock.monotonic ? time : now + time - guest.once(realtime);
}

function readyOf(guest: Guest, { kind, deadline, open, error }: Subscription): Ready {
  if (error !== errno.success) return { ...nothing, error };
  if (deadline !== undefined) return guest.once(() => monotonic() >= deadline) ? nothing : undefined;
  if (open?.kind === "file") {
    if (kind === kinds.write) return { ...nothing, bytes: 1n };
    const rest = open.file.stat().size - open.position;
    return { ...nothing, bytes: rest > 0n ? rest : 0n, flags: rest > 0n ? 0 : hangup };
  }
  if (open?.kind === "input") {
    return open.source.ready() ? { ...nothing, bytes: BigInt(open.source.available?.() ?? 1) } : undefined;
  }
  if (open?.kind !== "output") return undefined;
  const room = open.sink.room();
  if (room === undefined) return { ...nothing, flags: hangup };
  return room > 0 ? { ...nothing, bytes: BigInt(room) } : undefined;
}

/** Writes the events that are there; answers how many. */
function putEvents(guest: Guest, memory: GuestMemory, events: number, subscriptions: readonly Subscription[]): number {
  let count = 0;
  for (const subscription of subscriptions) {
    const ready = readyOf(guest, subscription);
    if (ready === undefined) continue;
    const at = events + count++ * eventSize;
    const { view } = memory;
    memory.bytes.fill(0, at, at + eventSize);
    view.setBigUint64(at, subscription.userdata, true);
    view.setUint16(at + 8, ready.error, true);
    view.setUint8(at + 10, subscription.kind);
    view.setBigUint64(at + 16, ready.bytes, true);
    view.setUint16(at + 24, ready.flags, true);
  }
  return count;
}

function earliest(subscriptions: readonly Subscription[]): number | undefined {
  const deadlines = subscriptions.flatMap(({ deadline }) => (deadline === undefined ? [] : [deadline]));
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}

/**
 * Whether there is input is known only when a read of it comes back. So a program that looks without waiting, again and again, is
 * answered some milliseconds later: else it would never see any.
 */
function giveInputTime(subscriptions: readonly Subscription[]): void {
  if (!subscriptions.some(({ open }) => open?.kind === "input" && !open.source.ready())) return;
  const soonest = monotonic() + inputTime;
  for (const each of subscriptions) if (each.deadline !== undefined && each.deadline < soonest) each.deadline = soonest;
}

/** Sleeps through what is only a moment: timers count in milliseconds, and then some. */
function sleepThrough(guest: Guest, subscriptions: readonly Subscription[], until: number | undefined): void {
  if (until === undefined || worldOf(guest).alone !== true) return;
  if (subscriptions.some(({ kind, error }) => kind !== kinds.clock || error !== errno.success)) return;
  for (let rest = until - monotonic(); rest > 0 && rest <= moment; rest = until - monotonic()) standStill(rest);
}

/** Waits for what comes first of clocks and descriptors. What is wrong with one subscription is its event. */
export function pollOneoff(layout: SubscriptionLayout): Function {
  return waiting("iiii:i", (guest, memory) => (from: number, to: number, count: number, result: number) => {
    const size = count >>> 0;
    try {
      if (size === 0 || size > most) throw new Refused("inval");
      const at = memory.from(from, size * layout.size, 8);
      const events = memory.at(to, size * eventSize, 8);
      const place = memory.at(result, 4, 4);
      const subscriptions = Array.from({ length: size }, (_, i) => read(guest, memory, at + i * layout.size, layout));
      giveInputTime(subscriptions);
      const until = earliest(subscriptions);
      sleepThrough(guest, subscriptions, until);
      const attempt = counted(guest, size, () => {
        const found = putEvents(guest, memory, events, subscriptions);
        if (found > 0) memory.view.setUint32(place, found, true);
        return found > 0;
      });
      const waits = guest.waitFor(attempt, until);
      return waits === undefined ? errno.success : waits.then(() => errno.success);
    } catch (error) {
      return errnoOf(error);
    }
  });
}
