import { describe, expect, it } from "vitest";
import type { HttpRequest, HttpResponse } from "../../foundation/http/index.ts";
import type { RateLimitPlan } from "../../model/plan/index.ts";
import { Passage } from "../chain/index.ts";
import { Exchange } from "../listener/exchange.ts";
import { withRateLimits } from "./limit.ts";
import { newTableMemory, RateTable } from "./table.ts";

const limit = (name: string, by: RateLimitPlan["by"], requests: number, burst = requests): RateLimitPlan => ({
  id: `default/p/${name}@HTTPRoute/default/r`,
  name,
  by,
  requests,
  per: 60_000,
  burst,
});

function asker(plans: RateLimitPlan[]) {
  const refused: string[] = [];
  const table = new RateTable(newTableMemory(), () => 0);
  const stage = withRateLimits(
    plans,
    table,
    ({ name }) => refused.push(name),
    () => ({
      status: 200,
      headers: [],
      body: "ok",
    }),
  );
  const ask = (address: string, headers: string[] = []): HttpResponse => {
    const request: HttpRequest = {
      method: "GET",
      scheme: "http",
      authority: "a",
      target: "/",
      headers,
      body: undefined,
    };
    return stage(request, new Passage(new Exchange(address, 0), 80, { type: "Exact", value: "/" })) as HttpResponse;
  };
  return { ask, refused };
}

const header = ({ headers }: HttpResponse, name: string): string | undefined => headers[headers.indexOf(name) + 1];

describe("limits of requests", () => {
  it("answer 429 with Retry-After and where the client stands", () => {
    const { ask, refused } = asker([limit("clients", { type: "ClientAddress" }, 2)]);
    const first = ask("192.0.2.1");
    expect(first.status).toBe(200);
    expect(header(first, "ratelimit-policy")).toBe('"clients";q=2;w=60');
    expect(header(first, "ratelimit")).toBe('"clients";r=1;t=30');
    ask("192.0.2.1");
    const third = ask("192.0.2.1");
    expect(third.status).toBe(429);
    expect(header(third, "retry-after")).toBe("30");
    expect(header(third, "ratelimit")).toBe('"clients";r=0;t=60');
    expect(ask("192.0.2.2").status).toBe(200);
    expect(refused).toEqual(["clients"]);
  });

  it("count by a header; without it all requests count together", () => {
    const { ask } = asker([limit("keys", { type: "Header", header: "x-api-key" }, 1)]);
    expect(ask("192.0.2.1", ["X-Api-Key", "a"]).status).toBe(200);
    expect(ask("192.0.2.2", ["X-Api-Key", "a"]).status).toBe(429);
    expect(ask("192.0.2.1", ["X-Api-Key", "b"]).status).toBe(200);
    expect(ask("192.0.2.1").status).toBe(200);
    expect(ask("192.0.2.2").status).toBe(429);
  });

  it("hold together, and what one refuses costs the others nothing", () => {
    const { ask, refused } = asker([
      limit("everyone", { type: "Everyone" }, 3),
      limit("clients", { type: "ClientAddress" }, 1),
    ]);
    expect(ask("192.0.2.1").status).toBe(200);
    for (let turn = 0; turn < 5; turn++) expect(ask("192.0.2.1").status).toBe(429);
    expect(ask("192.0.2.2").status).toBe(200);
    expect(ask("192.0.2.3").status).toBe(200);
    expect(ask("192.0.2.4").status).toBe(429);
    expect(refused).toEqual([...Array.from({ length: 5 }, () => "clients"), "everyone"]);
  });
});
