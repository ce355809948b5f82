import { longestTimer, monotonic } from "../../../foundation/time/clock.ts";
import { Call } from "../../async/index.ts";
import { milliseconds, monotonicNow, putTime } from "../clocks/index.ts";
import { host, type HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";
import { later } from "./later.ts";

/** Waits until an instant by `monotonic()`. */
function until(guest: Guest, deadline: number): Call {
  const call = new Call();
  const { exchange } = guest;
  if (guest.once(() => monotonic() >= deadline)) return call.finish();
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    // A timer may fire a little early by the finer clock.
    const pause = Math.min(Math.max(Math.ceil(deadline - monotonic()), 1), longestTimer);
    timer = setTimeout(() => (monotonic() >= deadline ? done() : arm()), pause);
  };
  const closing = { close: () => clearTimeout(timer) };
  const done = (): void => {
    exchange?.release(closing);
    call.finish();
  };
  if (guest.entry !== "rehearsal") arm();
  exchange?.keep(closing);
  return call.onCancel(() => {
    exchange?.release(closing);
    clearTimeout(timer);
  });
}

/** https://github.com/WebAssembly/WASI/tree/main/proposals/clocks */
export const clocks: Record<string, HostInterface> = {
  "wasi:clocks/monotonic-clock": {
    functions: {
      now: host(":I", (guest) => () => guest.once(monotonicNow)),
      "get-resolution": host(":I", () => () => 1000n),
      "wait-until": later("I", (guest) => (when: bigint) => until(guest, milliseconds(when))),
      "wait-for": later("I", (guest) => (duration: bigint) => {
        const now = guest.once(() => monotonic());
        return until(guest, now + milliseconds(duration));
      }),
    },
    resources: [],
  },
  "wasi:clocks/system-clock": {
    functions: {
      now: host("i", (guest, memory) => (result: number) => {
        const now = guest.once(Date.now);
        putTime(memory, result, Math.floor(now / 1000), (now % 1000) * 1_000_000);
      }),
      "get-resolution": host(":I", () => () => 1_000_000n),
    },
    resources: [],
  },
};
