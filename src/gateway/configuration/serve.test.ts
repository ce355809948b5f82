import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse } from "../../foundation/http/index.ts";
import { standStill } from "../../foundation/time/stand-still.ts";
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
async function waiting(meanwhile: (exchange: Exchange) => void, { ago = 0, timeout = 0 } = {}) {
  // A rule without backends answers 500.
  const timeouts = timeout > 0 ? { request: timeout } : {};
  const plan = planOf([rule("/", toService(), { backends: [], timeouts })], {}, [8080]);
  const configuration = await Configuration.build(plan, new Map(), shared);
  const answered: unknown[][] = [];
  const codes: string[] = [];
  const metrics = {
    inFlight: { value: 0 },
    shed: { value: 0 },
    answered: (route: string, backend: string, status: number) => void answered.push([route, backend, status]),
    failed: (_route: string, _backend: string, code: string) => void codes.push(code),
  };
  let lines = "";
  const accessLog = new AccessLog(
    "all",
    (bytes) => void (lines += Buffer.from(bytes).toString()),
    () => {},
  );
  const records = { metrics, accessLog, logger: { log: () => {} } } as unknown as Records;
  const exchange = new Exchange("10.0.0.1", performance.now() - ago);
  const came: HttpResponse[] = [];
  exchange.taker = { answered: (_exchange, response) => void came.push(response), failed: () => {}, stopped: () => {} };
  shares.newcomer();
  expect(serve(configuration, socketKey(plan.listeners[0]!), 8080, records, request, exchange)).toBeUndefined();
  meanwhile(exchange);
  await vi.waitFor(() => expect(answered).toHaveLength(1));
  await nextTurn();
  accessLog.flush();
  return { answered, shed: metrics.shed.value, inFlight: metrics.inFlight.value, lines, came, codes };
}

it("answers a request that waited for its turn", async () => {
  const { came, ...rest } = await waiting(() => {});
  expect(came.map(({ status }) => status)).toEqual([500]);
  expect(rest).toMatchObject({ answered: [["default/r", "", 500]], shed: 0, inFlight: 0 });
});

it("writes one whose client left meanwhile down as such, and not as refused", async () => {
  const left = new BandstandError("client-gone", "the client closed the connection");
  const { answered, shed, inFlight, lines } = await waiting((exchange) => exchange.abort(left));
  expect([answered, shed, inFlight]).toEqual([[["default/r", "", 499]], 0, 0]);
  expect(lines).toMatch(/"status":499.*"client-gone"/);
});

it("answers one whose time was over while it waited with 504, once, and does nothing else for it", async () => {
  const late = await waiting(() => standStill(20), { ago: 1000, timeout: 1010 });
  // It would have been 500.
  expect(late).toMatchObject({ answered: [["default/r", "", 504]], codes: ["request-timeout"], shed: 0, inFlight: 0 });
  expect(late.came.map(({ status }) => status)).toEqual([504]);
  const left = new BandstandError("client-gone", "the client closed the connection");
  const gone = await waiting(
    (exchange) => {
      exchange.abort(left);
      standStill(20);
    },
    { ago: 1000, timeout: 1010 },
  );
  expect(gone).toMatchObject({ answered: [["default/r", "", 499]], shed: 0, inFlight: 0 });
});

it("counts the time of a request that waited from when it came", async () => {
  const { answered } = await waiting(() => {}, { ago: 1000, timeout: 60_000 });
  expect(answered).toEqual([["default/r", "", 500]]);
});
