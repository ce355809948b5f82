import { BandstandError } from "../../foundation/errors/index.ts";
import { monotonic } from "../../foundation/time/clock.ts";
import type { Guest } from "../host/guest.ts";
import { collectAll } from "./collector.ts";
import type { Machine } from "./machine.ts";

/** Milliseconds between two looks, in which one guest touches some 40 MiB; and between two collections. */
const [lookInterval, collectInterval] = [20, 250];
/** Who holds less of the machine than this part is not the one who fills it. */
const partOfCulprit = 1 / 4;
/** What should be left, of what there is, and within which bounds. */
const [partLeft, leastLeft, mostLeft] = [1 / 16, 64 << 20, 1 << 30];
/** To end a guest that holds less makes hardly any room. */
const worthWhile = 8 << 20;
/** Where all memories of a thread take less, they are not what fills the machine: in a small container that is the process itself. */
const leastOfGuests = 32 << 20;

/**
 * The machine's memory as far as guests fill it. Each may have what its limit says, and there may be a hundred at a time: together that is
 * more than most machines have, and a process that takes more than there is, is killed. So where hardly anything is left, the guest
 * that holds most of the component that holds most ends, one after the other until there is some.
 */
export class Pressure {
  readonly #machine: Machine;
  readonly #guests: Iterable<Guest | undefined>;
  readonly #reclaim: () => void;
  readonly #collectNow: () => void;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Whoever looked, guests end once for it. */
  #relievedAt = Number.NEGATIVE_INFINITY;
  #collectedAt = Number.NEGATIVE_INFINITY;
  #willCollect = false;
  /** Bytes that are missing. */
  #missing = 0;
  /** Bytes of guests that ended and that the engine has not collected since: they go on missing, and nobody else need end for them. */
  #going = 0;

  /** @param guests all of the thread. @param reclaim gives up what idle places go on holding. @param collect has the engine collect. */
  constructor(
    machine: Machine,
    guests: Iterable<Guest | undefined>,
    reclaim: () => void,
    collect: () => void = collectAll,
  ) {
    this.#machine = machine;
    this.#guests = guests;
    this.#reclaim = reclaim;
    this.#collectNow = collect;
  }

  /** There is hardly any memory left, and it is guests that have it. */
  get isHigh(): boolean {
    const now = monotonic();
    if (now - this.#lookedAt < lookInterval) return this.#missing > 0;
    this.#lookedAt = now;
    const { usable } = this.#machine;
    const held = this.#machine.held();
    const left = Math.min(Math.max(usable * partLeft, leastLeft), mostLeft);
    this.#missing = held < usable * partOfCulprit ? 0 : Math.max(left - this.#machine.available(held), 0);
    if (this.#missing > 0 && this.#ofGuests() < leastOfGuests) this.#missing = 0;
    return this.#missing > 0;
  }

  #ofGuests(): number {
    let sum = 0;
    for (const guest of this.#guests) sum += guest?.memoryBytes() ?? 0;
    return sum;
  }

  /** To be called where guests have run for a moment. It may end any of them, the one that called too: at its next check, or where it waits. */
  relieve(): void {
    if (!this.isHigh || this.#relievedAt === this.#lookedAt) return;
    this.#relievedAt = this.#lookedAt;
    this.#reclaim();
    let missing = this.#missing - this.#going;
    while (missing > 0) {
      const guest = this.#largest();
      if (guest === undefined) break;
      const bytes = guest.memoryBytes();
      missing -= bytes;
      this.#going += bytes;
      guest.end(
        new BandstandError("overloaded", `held ${bytes} bytes of memory where the machine has hardly any left`, {
          remedy:
            "Give components that need much of it less concurrency (spec.limits.concurrency), or the machine more memory.",
        }),
      );
    }
    this.#collect();
  }

  /** Memories that were thrown away go when the engine collects, which it need not do soon. */
  #collect(): void {
    if (this.#willCollect) return;
    this.#willCollect = true;
    const wait = Math.max(this.#collectedAt + collectInterval - this.#lookedAt, lookInterval);
    setTimeout(() => {
      this.#willCollect = false;
      this.#collectedAt = monotonic();
      this.#collectNow();
      this.#going = 0;
    }, wait).unref();
  }

  #largest(): Guest | undefined {
    const sums = new Map<unknown, number>();
    let found: Guest | undefined;
    const busy = [...this.#guests].filter(isBusy);
    for (const { component, memoryBytes } of busy) sums.set(component, (sums.get(component) ?? 0) + memoryBytes());
    const most = Math.max(...sums.values());
    for (const guest of busy) {
      if (sums.get(guest.component) !== most || guest.memoryBytes() < worthWhile) continue;
      if (found === undefined || guest.memoryBytes() > found.memoryBytes()) found = guest;
    }
    return found;
  }
}

/** Who may be ended. A command that has its process to itself fills it at its own risk. */
function isBusy(guest: Guest | undefined): guest is Guest {
  return guest?.exchange !== undefined && guest.failure === undefined && guest.command?.alone !== true;
}
