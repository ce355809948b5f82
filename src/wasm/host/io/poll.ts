import { monotonic } from "../../../foundation/time/clock.ts";
import { host, waiting, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { hostLimits } from "../limits.ts";
import type { GuestMemory } from "../memory.ts";
import type { Pollable } from "./resources.ts";

function pollableOf(guest: Guest, handle: number): Pollable {
  return guest.handles.get<Pollable>(handle, "pollable");
}

function listed(guest: Guest, memory: GuestMemory, pointer: number, count: number): Pollable[] {
  if (count === 0) throw guest.fail("component-trapped", "polled an empty list");
  const most = guest.command === undefined ? hostLimits.pollables : hostLimits.pollablesOfCommand;
  if (count > most) throw guest.fail("component-resources", `polled ${count} at once, at most ${most} are allowed`);
  const at = memory.from(pointer, count * 4, 4);
  const { view } = memory;
  const pollables: Pollable[] = [];
  for (let i = 0; i < count; i++) pollables.push(pollableOf(guest, view.getInt32(at + i * 4, true)));
  return pollables;
}

/** What looking at one takes, in bytes that could be moved meanwhile. */
const lookBytes = 64;
/** Looking at so many takes longer than to see how long. */
const many = 128;

/** Looks at what a guest waits for: where that is many, it is the guest's time also while it waits. */
export function counted(guest: Guest, count: number, attempt: () => boolean): () => boolean {
  if (count < many) return attempt;
  return () => {
    const { meter } = guest;
    guest.worked(count * lookBytes);
    if (meter.isRunning) return attempt();
    const began = monotonic();
    const done = attempt();
    meter.took(monotonic() - began);
    guest.checkTime();
    return done || guest.failure !== undefined;
  };
}

/** Writes the places of those that are ready; false where none is. */
function putReady(memory: GuestMemory, pollables: Pollable[], at: number): boolean {
  const ready: number[] = [];
  for (let i = 0; i < pollables.length; i++) if (pollables[i]!.ready()) ready.push(i);
  if (ready.length === 0) return false;
  const list = memory.allocate(ready.length * 4, 4);
  const { view } = memory;
  for (const [i, place] of ready.entries()) view.setUint32(list + i * 4, place, true);
  view.setUint32(at, list, true);
  view.setUint32(at + 4, ready.length, true);
  return true;
}

function earliest(pollables: Pollable[]): number | undefined {
  let found: number | undefined;
  for (const { deadline } of pollables) {
    if (deadline !== undefined && (found === undefined || deadline < found)) found = deadline;
  }
  return found;
}

export const poll = {
  poll: waiting("iii", (guest, memory) => (pointer: number, size: number, result: number) => {
    const pollables = listed(guest, memory, pointer, size >>> 0);
    const at = memory.at(result, 8, 4);
    const attempt = (): boolean => putReady(memory, pollables, at);
    return guest.waitFor(counted(guest, pollables.length, attempt), earliest(pollables));
  }),
  "[method]pollable.ready": host("i:i", (guest) => (handle: number) => Number(pollableOf(guest, handle).ready())),
  "[method]pollable.block": waiting("i", (guest) => (handle: number) => {
    const pollable = pollableOf(guest, handle);
    return guest.waitFor(() => pollable.ready(), pollable.deadline);
  }),
} satisfies Record<string, Function>;
