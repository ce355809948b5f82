import { expect, test } from "vitest";
import type { ClientsPlan } from "../../model/plan/index.ts";
import { Coders } from "../chain/index.ts";
import { planOf } from "../workers/testing/plans.ts";
import { Configuration, socketKey, type Shared } from "./configuration.ts";

const shared = {
  components: { take: () => Promise.resolve(new Map()), release: () => {} },
  services: { take: () => new Map(), release: () => {} },
  sessionKey: Buffer.alloc(32),
  ticketKeys: () => Buffer.alloc(48),
  coders: new Coders(0),
  limit: (_limits: unknown, _route: unknown, next: unknown) => next,
} as unknown as Shared;

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
