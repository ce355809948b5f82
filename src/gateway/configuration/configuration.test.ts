import { expect, test } from "vitest";
import type { ClientsPlan } from "../../model/plan/index.ts";
import { planOf } from "../workers/testing/plans.ts";
import { Configuration, socketKey } from "./configuration.ts";
import { shared } from "./testing/shared.ts";

const clients = (minimumBodyRate: number): ClientsPlan => ({
  trustedProxies: [],
  proxyProtocol: false,
  createTraces: false,
  minimumBodyRate,
});

test.each([
  ["the default, where none says anything", [undefined, undefined], 500],
  ["what it says, where all say it", [2000, 2000], 2000],
  ["the least", [2000, 100], 100],
  ["the default, where others want more", [2000, undefined], 500],
  ["none, where one wants none", [undefined, 0], 0],
])("of listeners on one port the least rate of bodies is %s", async (_name, rates, expected) => {
  const plan = planOf(
    [],
    {},
    rates.map(() => 8080),
  );
  plan.listeners = plan.listeners.map((listener, index) => {
    const rate = rates[index];
    const hostname = `${index}.example`;
    return rate === undefined ? { ...listener, hostname } : { ...listener, hostname, clients: clients(rate) };
  });
  const configuration = await Configuration.build(plan, new Map(), shared);
  expect(configuration.bodyRate(socketKey(plan.listeners[0]!))).toBe(expected);
});
