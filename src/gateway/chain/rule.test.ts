import { expect, it } from "vitest";
import { planOf, rule } from "../workers/testing/plans.ts";
import { compileRule, type ChainParts } from "./rule.ts";

it("timeouts.request of 0 is no limit, neither of the time nor of how long a request may wait for its turn", () => {
  const timed = (request?: number) => {
    const plan = planOf([
      rule("/", { type: "Component", component: "c" }, { timeouts: request === undefined ? {} : { request } }),
    ]);
    const [route] = plan.routes;
    const parts = {
      backend: () => ({ name: "c", stage: () => ({}), endpoints: undefined }),
      component: () => undefined,
    };
    const { limit, party } = compileRule(route!, route!.rules[0]!, [], parts as unknown as ChainParts);
    return [limit?.milliseconds, party.time];
  };
  expect([timed(), timed(0), timed(500)]).toEqual([
    [undefined, undefined],
    [undefined, undefined],
    [500, 500],
  ]);
});
