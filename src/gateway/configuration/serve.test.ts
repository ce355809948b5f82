import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse } from "../../foundation/http/index.ts";
import { shares } from "../../foundation/time/shares.ts";
import { AccessLog } from "../access-log/access-log.ts";
import { Exchange } from "../listener/exchange.ts";
import { planOf, rule, toService } from "../workers/testing/plans.ts";
import { Configuration, socketKey } from "./configuration.ts";
import { serve, type Records } from "./serve.ts";
import { shared } from "./testing/shared.ts";

const request: HttpRequest = {
  method: "GET",
  scheme: "http",
  authority: "a.example",
  target: "/",
  headers: [],
  body: undefined,
};

/** Has a request wait for its turn, and does something meanwhile. Answers what was written down of it. */
async function waiting(meanwhile: (exchange: Exchange) => void) {
  // A rule without backends answers 500.
  const plan = planOf([rule("/", toService(), { backends: [] })], {}, [8080]);
  const configuration = await Configuration.build(plan, new Map(), shared);
  const answered: unknown[][] = [];
  const metrics = {
    inFlight: { value: 0 },
    shed: { value: 0 },
    answered: (route: string, backend: string, status: number) => void answered.push([route, backend, status]),
    failed: () => {},
  };
  let lines = "";
  const accessLog = new AccessLog(
    "all",
    (bytes) => void (lines += Buffer.from(bytes).toString()),
    () => {},
  );
  const records = { metrics, accessLog, logger: { log: () => {} } } as unknown as Records;
  const exchange = new Exchange("10.0.0.1", performance.now());
  const came: HttpResponse[] = [];
  exchange.taker = { answered: (_exchange, response) => void came.push(response), failed: () => {}, stopped: () => {} };
  shares.newcomer();
  expect(serve(configuration, socketKey(plan.listeners[0]!), 8080, records, request, exchange)).toBeUndefined();
  meanwhile(exchange);
  await vi.waitFor(() => expect(answered).toHaveLength(1));
  await nextTurn();
  accessLog.flush();
  return { answered: answered[0], shed: metrics.shed.value, inFlight: metrics.inFlight.value, lines, came };
}

it("answers a request that waited for its turn", async () => {
  const { came, ...rest } = await waiting(() => {});
  expect(came.map(({ status }) => status)).toEqual([500]);
  expect(rest).toMatchObject({ answered: ["default/r", "", 500], shed: 0, inFlight: 0 });
});

it("writes one whose client left meanwhile down as such, and not as refused", async () => {
  const left = new BandstandError("client-gone", "the client closed the connection");
  const { answered, shed, inFlight, lines } = await waiting((exchange) => exchange.abort(left));
  expect([answered, shed, inFlight]).toEqual([["default/r", "", 499], 0, 0]);
  expect(lines).toMatch(/"status":499.*"client-gone"/);
});
