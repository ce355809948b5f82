import { setImmediate as othersRun } from "node:timers/promises";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { Later, type HttpResponse } from "../../src/foundation/http/index.ts";
import { buildService } from "../guests/wasi3/build.ts";
import { contextOf, load, requestOf, textOf, type Loaded } from "./load.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes of objects that only a collection of old ones takes. */
function old(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === "old_space")!.space_used_size;
}

/** Guests that wait on others at a time, half of them answered in each round and followed by others. */
const [guests, rounds] = [64, 200];

/**
 * What a request leaves is taken by a collection of young objects, though it waited through one: else those take as long
 * as all that was asked since the last one of old objects is large, and everybody waits for it. One thing that grew old and knows the next
 * request of its kind is enough to keep all.
 */
it.each([
  ["WASI 0.2", "request"],
  ["WASI 0.3", "request"],
  ["WASI 0.3", "reuse"],
] as const)("requests that wait leave nothing to the old objects: %s, isolation %s", async (version, isolation) => {
  const asked: Later<HttpResponse>[] = [];
  const fetch = (): Later<HttpResponse> => {
    const later = new Later<HttpResponse>();
    asked.push(later);
    return later;
  };
  const guest = version === "WASI 0.2" ? "tests/guests/outbound" : await buildService("outbound");
  const component = await load(guest, { plan: { isolation }, host: { fetch } });
  const round = async (): Promise<void> => {
    for (const later of asked.splice(0, asked.length >> 1))
      later.resolve({ status: 200, headers: ["x-a", "b"], body: "later" });
    await othersRun();
    while (asked.length < guests) {
      void ask(component);
      await othersRun();
    }
  };
  for (let i = 0; i < 60; i++) await round();
  collect();
  for (let i = 0; i < 3; i++) await round();
  const before = old();
  for (let i = 0; i < rounds; i++) await round();
  expect((old() - before) / ((rounds * guests) / 2)).toBeLessThan(200);
  for (const later of asked.splice(0)) later.resolve({ status: 200, headers: [], body: undefined });
  await component.close();
});

async function ask(component: Loaded): Promise<void> {
  const answer = await component.handle(requestOf({ headers: ["x-fetch", "http://a.example/"] }), contextOf());
  expect(answer.status).toBe(200);
  await textOf(answer);
}
