import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startSite, type Reply, type TestSite } from "./harness.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const limited = (path: string, client: string, headers: Record<string, string> = {}): Promise<Reply> =>
  site.ask({ listener: "edge", host: "limited.example", path, headers: { "X-Forwarded-For": client, ...headers } });

describe("BandstandPolicy", () => {
  it("limits clients of a rule, by the address that a trusted proxy tells", async () => {
    const first = await limited("/clients", "192.0.2.1");
    expect(first).toMatchObject({ status: 200, headers: { "ratelimit-policy": '"clients";q=2;w=3600' } });
    expect(first.headers["ratelimit"]).toMatch(/^"clients";r=1;t=\d+$/);
    expect((await limited("/clients", "192.0.2.1")).status).toBe(200);
    const third = await limited("/clients", "192.0.2.1");
    expect(third).toMatchObject({ status: 429, seen: undefined });
    expect(Number(third.headers["retry-after"])).toBeGreaterThan(1000);
    expect((await limited("/clients", "192.0.2.2")).status).toBe(200);
    const other = await limited("/", "192.0.2.1");
    expect([other.status, other.headers["ratelimit"]]).toEqual([200, undefined]);
  });

  it("counts no preflights, and lets scripts read what is refused", async () => {
    const origin = { origin: "https://shop.example" };
    for (let turn = 0; turn < 5; turn++) {
      const headers = { "X-Forwarded-For": "192.0.2.9", ...origin, "access-control-request-method": "GET" };
      const asked = {
        listener: "edge",
        host: "limited.example",
        path: "/scripts",
        method: "OPTIONS",
        headers,
      } as const;
      expect((await site.ask(asked)).status).toBe(204);
    }
    const statuses: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const { status, headers } = await limited("/scripts", "192.0.2.9", origin);
      expect(headers["access-control-allow-origin"]).toBe("https://shop.example");
      statuses.push(status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  it("finds endpoints that are not well before requests do", async () => {
    await vi.waitFor(async () =>
      expect(await site.gateway.metrics()).toMatch(/endpoints_unavailable\{backend="Service\/default\/checked:80"\} 1/),
    );
    for (let turn = 0; turn < 4; turn++) expect((await site.ask({ host: "checked.example" })).status).toBe(200);
  });

  it("says what became of it", () => {
    const { policies } = site.planned.plan.conditions;
    const of = (name: string): string[] =>
      policies
        .filter((policy) => policy.kind === "BandstandPolicy" && policy.name === name)
        .flatMap(({ ancestors }) => ancestors.flatMap(({ conditions }) => conditions.map(({ reason }) => reason)));
    expect(of("clients")).toEqual(["Accepted", "Accepted", "TargetNotFound"]);
    expect(of("checked")).toEqual(["Accepted"]);
  });
});
