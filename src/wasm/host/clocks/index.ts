import { monotonic } from "../../../foundation/time/clock.ts";
import { host, type HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";
import { Pollable } from "../io/index.ts";
import type { GuestMemory } from "../memory.ts";

/** Ready at an instant of the monotonic clock. */
class Alarm extends Pollable {
  override readonly deadline: number;
  readonly #guest: Guest;

  /** @param deadline by `monotonic()`. */
  constructor(guest: Guest, deadline: number) {
    super();
    this.#guest = guest;
    this.deadline = deadline;
  }

  ready(): boolean {
    return this.#guest.once(() => monotonic() >= this.deadline);
  }
}

/** Nanoseconds of the monotonic clock, which counts from the start of the thread. */
export function monotonicNow(): bigint {
  return BigInt(Math.floor(monotonic() * 1e6));
}

function monotonicTime(): number {
  return monotonic();
}

/** Milliseconds from nanoseconds of a guest, which may stand for centuries. */
export function milliseconds(nanoseconds: bigint): number {
  return Number(BigInt.asUintN(64, nanoseconds)) / 1e6;
}

/** A `datetime`. */
export function putTime(memory: GuestMemory, result: number, seconds: number, nanoseconds: number): void {
  const at = memory.at(result, 16, 8);
  memory.view.setBigUint64(at, BigInt(seconds), true);
  memory.view.setUint32(at + 8, nanoseconds, true);
}

/** https://github.com/WebAssembly/wasi-clocks */
export const clocks: Record<string, HostInterface> = {
  "wasi:clocks/monotonic-clock": {
    functions: {
      now: host(":I", (guest) => () => guest.once(monotonicNow)),
      resolution: host(":I", () => () => 1000n),
      "subscribe-instant": host("I:i", (guest) => (when: bigint) => {
        return guest.handles.add(new Alarm(guest, milliseconds(when)));
      }),
      "subscribe-duration": host("I:i", (guest) => (duration: bigint) => {
        return guest.handles.add(new Alarm(guest, guest.once(monotonicTime) + milliseconds(duration)));
      }),
    },
    resources: [],
  },
  "wasi:clocks/wall-clock": {
    functions: {
      now: host("i", (guest, memory) => (result: number) => {
        const now = guest.once(Date.now);
        putTime(memory, result, Math.floor(now / 1000), (now % 1000) * 1_000_000);
      }),
      resolution: host("i", (_, memory) => (result: number) => putTime(memory, result, 0, 1_000_000)),
    },
    resources: [],
  },
};
