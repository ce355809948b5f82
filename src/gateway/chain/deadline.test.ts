import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { isStream, type BodyStream, type HttpRequest } from "../../foundation/http/index.ts";
import { BodyQueue } from "../../foundation/http/queue.ts";
import { Exchange } from "../listener/exchange.ts";
import { withDeadline } from "./deadline.ts";
import { Passage, type Stage } from "./passage.ts";

const request: HttpRequest = {
  method: "GET",
  scheme: "http",
  authority: "a",
  target: "/",
  headers: [],
  body: undefined,
};
const late = (): BandstandError => new BandstandError("request-timeout", "late");
const code = (error: unknown): string => (error as BandstandError).code;

function run(stage: Stage, milliseconds = 50) {
  const exchange = new Exchange("", performance.now());
  const passage = new Passage(exchange, 80, { type: "Exact", value: "/" });
  return { exchange, passage, response: Promise.resolve(withDeadline(stage, milliseconds, late)(request, passage)) };
}

describe("a deadline", () => {
  it("ends a stage that never answers, and tells it", async () => {
    let told: string | undefined;
    const { response } = run((_request, passage) => {
      passage.onAbort((reason) => (told = reason.code));
      return new Promise(() => {});
    });
    expect(await response.catch(code)).toBe("request-timeout");
    expect(told).toBe("request-timeout");
  });

  it("breaks a body that does not end, even under a waiting reader", async () => {
    const { response } = run(() => ({ status: 200, headers: [], body: new BodyQueue({}) }));
    const { body } = await response;
    expect(await (async () => (body as BodyStream).read())().catch(code)).toBe("request-timeout");
    expect(await (async () => (body as BodyStream).read())().catch(code)).toBe("request-timeout");
  });

  it("does nothing to what ended in time", async () => {
    const body = new BodyQueue({});
    body.push(Buffer.from("a"));
    body.end();
    const { response, exchange } = run((_request, passage) => {
      passage.backend = "b";
      return { status: 200, headers: [], body };
    }, 30);
    const answer = await response;
    expect(isStream(answer.body) && (await answer.body.read())?.length).toBe(1);
    expect(isStream(answer.body) && (await answer.body.read())).toBeUndefined();
    await sleep(60);
    expect(exchange.aborted).toBe(false);
  });

  it("hands an abort from outside through, and what the stage found out back", async () => {
    const { response, exchange, passage } = run((_request, inner) => {
      inner.backend = "b";
      return new Promise((_resolve, reject) => inner.onAbort(reject));
    });
    exchange.abort(new BandstandError("client-gone", "left"));
    expect(await response.catch(code)).toBe("client-gone");
    await sleep(0);
    expect(passage.backend).toBe("b");
  });
});
