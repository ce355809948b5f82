import { afterAll, describe, expect, it } from "vitest";
import { BandstandError } from "../../src/foundation/errors/index.ts";
import { usualCounts } from "../../src/model/plan/index.ts";
import { hostLookup } from "../../src/wasm/index.ts";
import { prepare } from "../../src/wasm/prepare/index.ts";
import { buildService } from "../guests/wasi3/build.ts";
import { composeChain } from "../guests/wasi3/compose.ts";
import { contextOf, load, requestOf, streamOf, textOf, type Loaded } from "./load.ts";

const loaded: Loaded[] = [];
afterAll(() => Promise.all(loaded.map((component) => component.close())));

async function chain(names: string[], options?: Parameters<typeof load>[1]): Promise<Loaded> {
  const component = await load(await composeChain(...(await Promise.all(names.map(buildService)))), options);
  loaded.push(component);
  return component;
}

const [fresh, reused] = [{ plan: { isolation: "request" } }, { plan: { isolation: "reuse" } }] as const;

describe.each([
  ["request", fresh],
  ["reuse", reused],
] as const)("components of WASI 0.3 composed, isolation: %s", (isolation, options) => {
  it("are a middleware before a service", async () => {
    const component = await chain(["middleware", "hello"], options);
    for (let i = 0; i < 5; i++) {
      const response = await component.handle(requestOf(), contextOf());
      expect(response.headers).toEqual(["content-type", "text/plain", "x-middleware", "c"]);
      expect(await textOf(response)).toBe("Hello from C\n");
    }
  });

  it("hand bodies of any size through, many at a time", async () => {
    const component = await chain(["middleware", "pass", "echo"], options);
    const bodies = Array.from({ length: 10 }, (_, i) => Array.from({ length: 30 }, () => String(i).repeat(3333)));
    const answers = await Promise.all(
      bodies.map(async (pieces) =>
        textOf(await component.handle(requestOf({ method: "POST", body: streamOf(pieces) }), contextOf())),
      ),
    );
    expect(answers).toEqual(bodies.map((pieces) => pieces.join("")));
  });

  it("wait for what the last one waits for", async () => {
    const component = await chain(["middleware", "waits"], options);
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => textOf(await component.handle(requestOf(), contextOf()))),
    );
    expect(new Set(answers)).toEqual(new Set([isolation === "reuse" ? "10\n" : "01\n"]));
  });

  it("wait on a stack of their own", async () => {
    const component = await chain(["middleware", "stack"], options);
    const body = streamOf(["one", "two"]);
    const response = await component.handle(requestOf({ method: "POST", body }), contextOf());
    expect([response.headers, await textOf(response)]).toEqual([["x-middleware", "c"], "onetwo"]);
  });
});

describe("a component of several", () => {
  it("is planned with a reset, and the calls between", async () => {
    const bytes = await composeChain(await buildService("middleware"), await buildService("hello"));
    const { manifest } = prepare(bytes, hostLookup, "request");
    expect(manifest).toMatchObject({
      reset: true,
      composition: { parents: [2, 2, -1], parts: 2, crossings: [{ kind: "call", async: true, manner: "callback" }] },
    });
  });

  it("ends with its client, and serves the next one", async () => {
    const component = await chain(["middleware", "waits"]);
    const client = new AbortController();
    const gone = new BandstandError("client-gone", "the client is gone");
    const response = component.handle(requestOf(), contextOf(client.signal));
    client.abort(gone);
    await expect(response).rejects.toBe(gone);
    expect(await textOf(await component.handle(requestOf(), contextOf()))).toBe("01\n");
  });

  it("ends when its time is over, and serves the next request", async () => {
    const limits = {
      memory: 64 << 20,
      cpu: 1000,
      wall: 50,
      requestBody: 1 << 20,
      responseBody: 1 << 20,
      ...usualCounts,
    };
    const component = await chain(["pass", "echo"], { plan: { limits } });
    const never = {
      length: undefined,
      trailers: undefined,
      read: () => new Promise<undefined>(() => {}),
      cancel: () => {},
    };
    const response = await component.handle(requestOf({ method: "POST", body: never }), contextOf());
    await expect(textOf(response)).rejects.toThrow(expect.objectContaining({ code: "component-wall" }));
    expect(await textOf(await component.handle(requestOf({ method: "POST", body: "next" }), contextOf()))).toBe("next");
  });
});
