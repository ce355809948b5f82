import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import type { LoadedComponent } from "../../src/wasm/runtime.ts";
import { builtGuest } from "../guests/built.ts";
import { contextOf, load as loadGuest, requestOf } from "../host/load.ts";
import { limits } from "./harness.ts";
import { watGuest } from "./wat-guest.ts";

async function load(name: string): Promise<LoadedComponent> {
  const folder = join(import.meta.dirname, "guests", name);
  return loadGuest((await watGuest(folder)) ?? (await builtGuest(folder)), { plan: { id: `default/${name}`, limits } });
}

/** Turns of the event loop until something is over. */
async function turnsUntil(done: Promise<unknown>): Promise<number> {
  let turns = 0;
  let running = true;
  const over = done.finally(() => (running = false)).catch(() => {});
  for (; running; turns++) await turn();
  await over;
  return turns;
}

it.each(["loop-at-start", "loop-at-start-composed"])(
  "an endless start is ended by its limit of CPU time, and others run meanwhile: %s",
  async (guest) => {
    const loaded = load(guest);
    expect(await turnsUntil(loaded)).toBeGreaterThan(30);
    await expect(loaded).rejects.toMatchObject({ code: "component-cpu", message: expect.stringContaining("100 ms") });
  },
);

it.each([
  ["starts-slowly", 200],
  ["starts-slowly-composed", 200],
  ["starts-slowly-ensemble", "request-malformed"],
])("a long start goes on between requests, in each new instance: %s", async (guest, answer) => {
  const component = await load(guest);
  const answers = (async () => {
    const found: (number | string)[] = [];
    for (let n = 0; n < 3; n++) {
      const answered = async (): Promise<number> => (await component.handle(requestOf(), contextOf())).status;
      found.push(await answered().catch((error: { code: string }) => error.code));
    }
    return found;
  })();
  expect(await turnsUntil(answers)).toBeGreaterThan(4);
  expect(await answers).toEqual([answer, answer, answer]);
  await component.close();
});
