import { expect, it } from "vitest";
import type { HttpResponse } from "../../foundation/http/index.ts";
import { Exchange } from "../listener/exchange.ts";
import type { ChainBackend } from "./backends.ts";
import { Passage, type Stage } from "./passage.ts";
import { compileSession } from "./session.ts";
import { TokenSigner } from "./session-token.ts";

const signer = new TokenSigner(Buffer.alloc(32), "test");

function backend(name: string, weight: number): ChainBackend {
  return { name, weight, stage: () => ({ status: 200, headers: ["x-from", name], body: "" }), endpoints: undefined };
}

function sessionOver(backends: ChainBackend[]): Stage {
  const [first] = backends;
  const plan = { type: "Header", name: "x-session", lifetime: "Session" } as const;
  return compileSession({ plan, signer, cookiePath: "/", backends, choose: () => first as ChainBackend, now: () => 1 });
}

async function ask(stage: Stage, token?: string): Promise<HttpResponse> {
  const headers = token === undefined ? [] : ["x-session", token];
  const request = { method: "GET", scheme: "http", authority: "a", target: "/", headers, body: undefined } as const;
  return stage({ ...request, headers }, new Passage(new Exchange("", 0), 80, { type: "Exact", value: "/" }));
}

it("HTTPRouteSessionPersistence: a session stays at a backend whose weight became 0", async () => {
  const token = (await ask(sessionOver([backend("a", 1)]))).headers[3];
  const stage = sessionOver([backend("b", 1), backend("a", 0)]);
  expect((await ask(stage)).headers[1]).toBe("b");
  expect((await ask(stage, token)).headers[1]).toBe("a");
});

it("a session goes to a backend as new clients do, where the rule names it with weight 0 too", async () => {
  const off: ChainBackend = {
    ...backend("a", 0),
    stage: () => ({ status: 200, headers: ["x-from", "off"], body: "" }),
  };
  const stage = sessionOver([backend("a", 1), off]);
  const first = await ask(stage);
  expect((await ask(stage, first.headers[3])).headers[1]).toBe("a");
});
