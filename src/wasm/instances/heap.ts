import { BandstandError } from "../../foundation/errors/index.ts";
import type { Guest } from "../host/guest.ts";
import { heapChunk } from "../rewrite/names.ts";
import { collectAll, collectYoung } from "./collector.ts";

/**
 * What guests of this thread took of the engine's heap. It cannot be asked which object is whose, so what a guest makes
 * counts until its instance goes, alive or not: so that a guest that makes objects without end ends itself and not the
 * thread. Together guests get at most a part of what the engine has, and one component half of that.
 */
let taken = 0;

/**
 * Of the memory limit, for objects under the gateway: the engine stands still while it collects, some 10 ms for 16 MiB
 * that live, and all guests of the thread with it.
 */
const share = 1 / 8;

/** Of what the engine may have in all: for objects of guests. */
const part = 0.5;
/** The same where there is one guest, and nothing else. */
const partAlone = 0.75;
/** A guest alone that has less than this part of its limit left after collecting has none left. */
const least = 1 / 16;

/**
 * For what a new instance begins with. Throws `component-unsupported` where it may not have so much, and `overloaded` where the
 * thread has no room for it.
 */
export function takeHeap(guest: Guest, bytes: number): void {
  const { memory } = guest.component.plan.limits;
  const limit = guest.command?.alone ? memory : memory * share;
  if (bytes > limit) {
    const least = Math.ceil((bytes * memory) / limit / (1 << 20));
    throw new BandstandError(
      "component-unsupported",
      `it begins with objects of ${bytes} bytes, and may have ${limit}`,
      {
        remedy: `Give it at least ${least}Mi (spec.limits.memory, or --memory).`,
      },
    );
  }
  if (guest.command?.alone) return;
  if (!hasRoom(guest, bytes))
    throw new BandstandError("overloaded", "there is no room for the objects of one more instance");
  take(guest, bytes);
}

/** Called from within a running guest, before it makes an object: whether it gets one more chunk. Never throws. */
export function grantHeap(guest: Guest): boolean {
  return grant(guest, heapChunk, "made objects");
}

/** For what the host keeps for a guest, most of it on the same heap. Throws where that may not be so much. */
export function grantKept(guest: Guest, bytes: number): void {
  if (!grant(guest, bytes, "had the host keep headers, texts and values")) throw guest.failure!;
  if (!guest.command?.alone) guest.keptTaken += bytes;
}

/** Nothing is kept for it any more, though its instance stays: what the host keeps goes with the handles of it, other than what a guest makes. */
export function returnKept(guest: Guest): void {
  giveBack(guest, guest.keptTaken);
  guest.keepsNothing();
}

function grant(guest: Guest, bytes: number, what: string): boolean {
  const { component } = guest;
  const { memory } = component.plan.limits;
  if (guest.command?.alone) return grantAlone(guest, memory, bytes);
  const limit = memory * share;
  if (guest.heapTaken + bytes > limit) {
    guest.fail("component-memory", `${what} of more than ${limit} bytes, an eighth of its memory limit`);
    return false;
  }
  if (!hasRoom(guest, bytes)) {
    guest.fail("component-memory", `${what} where others of this thread have taken the room for them`);
    return false;
  }
  take(guest, bytes);
  collectYoung(guest, bytes);
  return true;
}

function hasRoom({ component }: Guest, bytes: number): boolean {
  const room = (budget ??= statistics().heap_size_limit * part);
  return taken + bytes <= room && component.heapTaken + bytes <= room / 2;
}

function take(guest: Guest, bytes: number): void {
  guest.heapTaken += bytes;
  guest.component.heapTaken += bytes;
  taken += bytes;
}

/** It made so many objects, of which nobody knows how many live, that a next request might find no room; where it owes, any. */
export function isWorn({ heapTaken, component }: Guest): boolean {
  return heapTaken > (component.debt.isLarge ? 0 : (component.plan.limits.memory * share) / 2);
}

/** The instance is gone, and with it all that it made: so many bytes. */
export function returnHeap(guest: Guest): number {
  const { heapTaken } = guest;
  giveBack(guest, heapTaken);
  guest.keepsNothing();
  return heapTaken;
}

function giveBack(guest: Guest, bytes: number): void {
  guest.component.heapTaken -= bytes;
  taken -= bytes;
  guest.heapTaken -= bytes;
}

/** What guests may have together. */
let budget: number | undefined;
/** Bytes in use before the guest began, and what it may hold by now. */
let alone: { before: number; taken: number } | undefined;

/** In a process of its own what lives can be measured: where the limit seems reached, garbage is collected first. */
function grantAlone(guest: Guest, limit: number, bytes: number): boolean {
  alone ??= { before: statistics().used_heap_size, taken: 0 };
  const room = Math.min(limit, (budget ??= statistics().heap_size_limit * partAlone) - alone.before);
  if (alone.taken + bytes > room) {
    collectAll();
    alone.taken = Math.max(statistics().used_heap_size - alone.before, 0);
    if (alone.taken > room * (1 - least)) {
      guest.fail("component-memory", `holds objects of ${alone.taken} bytes, and may hold ${Math.floor(room)}`);
      return false;
    }
  }
  alone.taken += bytes;
  return true;
}

function statistics(): { used_heap_size: number; heap_size_limit: number } {
  return process.getBuiltinModule("node:v8").getHeapStatistics();
}
