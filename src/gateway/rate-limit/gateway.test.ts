import { afterEach, expect, it } from "vitest";
import { loggerTo } from "../../foundation/log/index.ts";
import type { RateLimitPlan } from "../../model/plan/index.ts";
import { createGateway, type Gateway } from "../index.ts";
import { component, planOf, rule, toComponent } from "../workers/testing/plans.ts";

let gateway: Gateway | undefined;
afterEach(() => gateway?.close());

const limit = (name: string, requests: number): RateLimitPlan => ({
  id: `default/p/${name}@Gateway/default/g`,
  name,
  by: { type: "ClientAddress" },
  requests,
  per: 86_400_000,
  burst: requests,
});

it("the workers of a gateway share a limit; a reload and other routes do not begin it anew", async () => {
  gateway = createGateway({
    preparedFolder: "/nonexistent",
    logger: loggerTo(() => {}),
    workers: 3,
    componentModule: new URL("../workers/testing/components.ts", import.meta.url).href,
  });
  const parts = { components: [component("good")] };
  const plan = planOf([rule("/", toComponent("good"), { rateLimits: [limit("few", 20)] })], parts);
  plan.listeners[0]!.rateLimits = [limit("many", 500)];
  await gateway.apply(plan, new Map());
  const port = gateway.state().listeners[0]?.port;
  const statuses: number[] = [];
  const ask = async (): Promise<void> => {
    const { status } = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
    statuses.push(status);
  };
  for (let round = 0; round < 6; round++) {
    await Promise.all(Array.from({ length: 10 }, ask));
    if (round === 2) await gateway.apply(plan, new Map());
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(20);
  expect(statuses.filter((status) => status === 429)).toHaveLength(40);
  const metrics = await gateway.metrics();
  expect(metrics).toContain('bandstand_rate_limited_total{route="default/r",limit="default/p/few"} 40');
});
