import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { BandstandError } from "../../foundation/errors/index.ts";
import type { ServicePolicyPlan } from "../../model/plan/index.ts";
import { partOf } from "./care.ts";
import { EndpointPools } from "./pools.ts";
import { ServiceUpstream } from "./service.ts";

const cleanups: (() => unknown)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

/** A backend that answers with its own number of requests, as `act` says. */
interface Backend {
  host: string;
  port: number;
  count: number;
  status: number;
  /** Requests that wait for `release`. */
  held: (() => void)[];
  hold: boolean;
}

async function backend(): Promise<Backend> {
  const seen: Backend = { host: "127.0.0.1", port: 0, count: 0, status: 200, held: [], hold: false };
  const server: Server = createServer((request, response) => {
    const answer = (): void => void response.writeHead(seen.status).end(String(seen.port));
    if (request.headers["user-agent"] === "bandstand-health-check") return answer();
    seen.count++;
    if (seen.hold) seen.held.push(answer);
    else answer();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => (server.close(), server.closeAllConnections()));
  seen.port = (server.address() as AddressInfo).port;
  return seen;
}

function upstream(policy: ServicePolicyPlan, endpoints: { host: string; port: number }[]) {
  const pools = new EndpointPools();
  const events = { retried: vi.fn(), retryRefused: vi.fn(), ejected: vi.fn(), checkFailed: vi.fn() };
  const made = new ServiceUpstream({ id: "default/s:80", protocol: "http", policy }, pools, { events });
  made.setEndpoints(endpoints);
  cleanups.push(() => (made.close(), pools.close()));
  const send = async (attempt = 0): Promise<string> => {
    const request = {
      method: "GET",
      scheme: "http" as const,
      authority: "a",
      target: "/",
      headers: [],
      body: undefined,
    };
    try {
      const { status } = await made.send(request, { onAbort: () => {}, endpoint: undefined, attempt });
      return String(status);
    } catch (error) {
      return (error as BandstandError).code;
    }
  };
  return { made, events, send };
}

const outliers = { consecutiveErrors: 3, baseEjectionTime: 60_000, maxEjectionTime: 60_000, maxEjectionPercent: 50 };

describe("a policy of a Service", () => {
  it("leaves out endpoints after errors in a row, but not more than its share of them", async () => {
    const all = [await backend(), await backend()];
    const { made, events, send } = upstream({ outliers }, all);
    all[0]!.status = 500;
    for (let turn = 0; turn < 20; turn++) await send();
    expect(all.map(({ count }) => count)).toEqual([3, 17]);
    expect(made.unavailable()).toBe(1);
    all[1]!.status = 500;
    for (let turn = 0; turn < 10; turn++) await send();
    expect(events.ejected.mock.calls).toEqual([["Service/default/s:80"]]);
    expect(all[0]!.count).toBe(3);
  });

  it("sends to the endpoint with the fewest requests", async () => {
    const all = [await backend(), await backend(), await backend()];
    const { send } = upstream({ balancing: "LeastRequests" }, all);
    all[0]!.hold = true;
    const held = send();
    await expect.poll(() => all[0]!.held).toHaveLength(1);
    for (let turn = 0; turn < 10; turn++) await send();
    expect(all[0]!.count).toBe(1);
    for (const other of all.slice(1)) expect(other.count).toBeGreaterThanOrEqual(3);
    all[0]!.held[0]!();
    await held;
  });

  it("bounds requests, connections and those that wait for one", async () => {
    const only = await backend();
    only.hold = true;
    const { send } = upstream({ limits: { requests: 3, connections: 1, pending: 1 } }, [only]);
    const first = send();
    const second = send();
    expect(await send()).toBe("overloaded");
    await expect.poll(() => only.held).toHaveLength(1);
    only.hold = false;
    only.held[0]!();
    expect(await Promise.all([first, second])).toEqual(["200", "200"]);
    const two = upstream({ limits: { requests: 1 } }, [only]);
    only.hold = true;
    const third = two.send();
    expect(await two.send()).toBe("overloaded");
    await expect.poll(() => only.held).toHaveLength(2);
    only.held[1]!();
    expect(await third).toBe("200");
  });

  it("bounds retries, by number and by budget", async () => {
    const only = await backend();
    const none = upstream({ limits: { retries: 0 } }, [only]);
    expect([await none.send(), await none.send(1)]).toEqual(["200", "overloaded"]);
    const few = upstream(
      { retryBudget: { percent: 0, interval: 3_600_000, least: { count: 2, interval: 3_600_000 } } },
      [only],
    );
    const answers = [await few.send(1), await few.send(1), await few.send(2), await few.send()];
    expect(answers).toEqual(["200", "200", "overloaded", "200"]);
    expect(few.events.retried).toHaveBeenCalledTimes(2);
    expect(few.events.retryRefused).toHaveBeenCalledTimes(1);
    // A connection that fails is not tried again either: the first error is the answer.
    const dead = upstream({ limits: { retries: 0 } }, [{ host: "127.0.0.1", port: 1 }, only]);
    expect((await Promise.all([dead.send(), dead.send()])).toSorted()).toEqual(["200", "backend-unreachable"]);
  });

  it.each(["HTTP", "TCP"] as const)("checks endpoints actively by %s", async (type) => {
    const [good, bad] = [await backend(), await backend()];
    bad.status = 503;
    const dead = { host: "127.0.0.1", port: 1 };
    const probe = type === "HTTP" ? { type, path: "/healthz" } : { type };
    const check = { probe, interval: 20, timeout: 1000, healthyThreshold: 2, unhealthyThreshold: 2 };
    const { made, events, send } = upstream({ check }, [good, type === "HTTP" ? bad : dead]);
    await expect.poll(() => made.unavailable()).toBe(1);
    for (let turn = 0; turn < 6; turn++) expect(await send()).toBe("200");
    expect(good.count).toBe(6);
    expect(events.checkFailed.mock.calls.length).toBeGreaterThanOrEqual(2);
    if (type === "TCP") return;
    bad.status = 200;
    await expect.poll(() => made.unavailable()).toBe(0);
    // Where none is well, all are asked: a check that is wrong must not close a site.
    good.status = 503;
    bad.status = 503;
    await expect.poll(() => made.unavailable()).toBe(2);
    expect(await send()).toBe("503");
  });
});

it("parts of a limit are never more than it, nor nothing", () => {
  expect([10, 3, 1, 0].map((limit) => partOf(limit, 4))).toEqual([2, 1, 1, 0]);
});
