import { afterAll, beforeAll, expect, it } from "vitest";
import type { GatewayPlan } from "../../src/model/plan/index.ts";
import { startGuests, type GuestSite } from "./harness.ts";

/** Each keeps its thread for as long as it may when it is loaded: the smaller its code, the shorter that is. */
const runaways = 8;

let site: GuestSite;
beforeAll(async () => {
  const loops = Array.from(
    { length: runaways },
    (_, i) => [`loop-${i}`, { folder: "resilience/guests/loop" }] as const,
  );
  site = await startGuests({ hello: { folder: "guests/hello-c" }, ...Object.fromEntries(loops) });
});
afterAll(() => site?.close());

it("answers between the components that it loads, however long each of them takes", async () => {
  let answered = 0;
  let running = true;
  const client = (async () => {
    while (running) {
      const { status } = await site.ask("/hello");
      expect(status).toBe(200);
      if (running) answered++;
    }
  })();
  const started = performance.now();
  await site.gateway.apply(slower(site.plan), new Map());
  const took = performance.now() - started;
  running = false;
  await client;
  // Otherwise the test would say nothing.
  expect(took).toBeGreaterThan(runaways * 25);
  expect(answered).toBeGreaterThanOrEqual(runaways);
  expect(site.gateway.state().workers).toEqual([expect.objectContaining({ restarts: 0 })]);
});

/** Another limit: another component, which is loaded anew. */
function slower(plan: GatewayPlan): GatewayPlan {
  const components = plan.components.map((each) => ({ ...each, limits: { ...each.limits, cpu: each.limits.cpu + 1 } }));
  return { ...plan, components };
}
