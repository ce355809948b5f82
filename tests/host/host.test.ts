import { usualCounts } from "../../src/model/plan/index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BandstandError } from "../../src/foundation/errors/index.ts";
import type { HttpRequest, HttpResponse } from "../../src/foundation/http/index.ts";
import { contextOf, load, requestOf, streamOf, textOf, type Loaded } from "./load.ts";
import { passesOnLargeBodies } from "./large-bodies.ts";

const loaded: Loaded[] = [];
async function guest(...args: Parameters<typeof load>): Promise<Loaded> {
  const component = await load(...args);
  loaded.push(component);
  return component;
}
afterAll(() => Promise.all(loaded.map((component) => component.close())));

describe.each([
  ["request", "hello-c"],
  ["request", "hello-assemblyscript"],
  ["request", "hello-typescript"],
  ["reuse", "hello-c"],
  ["reuse", "hello-assemblyscript"],
  // What componentize-js makes answers once an instance: it cannot be reused.
] as const)("isolation: %s, %s", (isolation, name) => {
  it("answers again and again", async () => {
    const component = await guest(`tests/guests/${name}`, { plan: { isolation } });
    for (let i = 0; i < 5; i++) {
      const response = await component.handle(requestOf(), contextOf());
      expect(response.status).toBe(200);
      expect(await textOf(response)).toMatch(/^Hello from /);
    }
  });
});

describe("a guest that gives back what it got", () => {
  let echo: Loaded;
  beforeAll(async () => void (echo = await guest("tests/guests/echo")));

  it("sees method, authority, target, headers in order and the body", async () => {
    const headers = ["X-One", "1", "x-two", "caf\xe9", "X-One", "11"];
    const request = requestOf({ method: "PROPFIND", target: "/a?b=c", headers, body: "drum" });
    const response = await echo.handle(request, contextOf());
    expect(await textOf(response)).toBe(
      "PROPFIND shop.example:8080 /a?b=c\nX-One: 1\nx-two: caf\xe9\nX-One: 11\n\ndrum",
    );
  });

  it("reads a body that arrives in pieces, whatever is in it", async () => {
    const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("");
    const pieces = Array.from({ length: 300 }, () => bytes);
    const response = await echo.handle(requestOf({ method: "POST", body: streamOf(pieces) }), contextOf());
    expect((await textOf(response)).endsWith(pieces.join(""))).toBe(true);
  });

  it("answers many at a time, each its own", async () => {
    const targets = Array.from({ length: 300 }, (_, i) => `/n/${i}`);
    const answers = await Promise.all(
      targets.map(async (target) =>
        textOf(await echo.handle(requestOf({ target, method: "POST", body: streamOf([target]) }), contextOf())),
      ),
    );
    expect(answers).toEqual(targets.map((target) => `POST shop.example:8080 ${target}\n\n${target}`));
  });

  it("refuses a body that is declared larger than allowed, before the guest runs", () => {
    const large = requestOf({ method: "POST", body: streamOf([], 2 << 20) });
    expect(() => echo.handle(large, contextOf())).toThrow(expect.objectContaining({ code: "request-too-large" }));
  });

  it("refuses a body that is declared larger where it could pass it on, and reads it", async () => {
    for (const body of [streamOf(["x".repeat(2 << 20)], 2 << 20), "x".repeat(2 << 20)]) {
      const request = requestOf({ method: "POST", body });
      const answer = async (): Promise<HttpResponse> =>
        echo.handle(request, contextOf(), () => ({ status: 204, headers: [], body: undefined }));
      await expect(answer()).rejects.toMatchObject({ code: "request-too-large", status: 413 });
    }
  });

  it("refuses a body that turns out larger than allowed, whatever the guest answers", async () => {
    const pieces = Array.from({ length: 40 }, () => "x".repeat(64 << 10));
    const body = streamOf(pieces);
    await expect(echo.handle(requestOf({ method: "POST", body }), contextOf())).rejects.toThrow(
      expect.objectContaining({ code: "request-too-large", status: 413 }),
    );
    expect(body.cancelled).toBe(true);
  });

  it("sends no body in answer to HEAD", async () => {
    const response = await echo.handle(requestOf({ method: "HEAD" }), contextOf());
    expect(response.status).toBe(200);
    expect(await textOf(response)).toBe("");
  });

  it("ends when its client leaves", async () => {
    const controller = new AbortController();
    const never = { ...streamOf([]), read: () => new Promise<undefined>(() => {}) };
    const answer = echo.handle(requestOf({ method: "POST", body: never }), contextOf(controller.signal));
    controller.abort(new BandstandError("client-gone", "the client left"));
    await expect(answer).rejects.toThrow(expect.objectContaining({ code: "client-gone" }));
  });
});

describe.each(["middleware-c", "middleware-assemblyscript"])("%s", (name) => {
  let component: Loaded;
  beforeAll(async () => void (component = await guest(`tests/guests/${name}`)));

  it("passes a request on with its own authority and scheme, and the answer back", async () => {
    let seen: HttpRequest | undefined;
    const response = await component.handle(
      requestOf({ method: "POST", target: "/x?y", headers: ["x-a", "b"], body: streamOf(["one ", "two"]) }),
      contextOf(),
      async (request) => {
        seen = request;
        return {
          status: 418,
          headers: ["x-inner", "yes"],
          body: await textOf({ status: 0, headers: request.headers, body: request.body }),
        };
      },
    );
    expect(seen).toMatchObject({ method: "POST", authority: "shop.example:8080", scheme: "http", target: "/x?y" });
    expect(seen?.headers).toContain("x-a");
    expect(response.status).toBe(418);
    expect(response.headers).toContain("x-middleware");
    expect(await textOf(response)).toBe("one two");
  });

  it("passes on a body that is larger than a guest may read, whether its length is known or not", async () => {
    await passesOnLargeBodies(component);
  });

  it("is no way around what is too large for the next stage, whatever it makes of that", async () => {
    const tooLarge = new BandstandError("request-too-large", "too large for the next stage");
    const stages = [
      () => Promise.reject(tooLarge),
      () => {
        throw tooLarge;
      },
    ];
    for (const next of stages) {
      const request = requestOf({ method: "POST", body: streamOf(["x"]) });
      const answer = async (): Promise<HttpResponse> => component.handle(request, contextOf(), next);
      await expect(answer()).rejects.toMatchObject({ code: "request-too-large", status: 413 });
    }
  });

  it("streams with back-pressure: what nobody reads is not read from the source", async () => {
    let read = 0;
    const endless = {
      ...streamOf([]),
      async read() {
        read++;
        return Buffer.alloc(16 << 10, 65);
      },
    };
    const response = await component.handle(requestOf(), contextOf(), () => ({
      status: 200,
      headers: [],
      body: endless,
    }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(read).toBeLessThan(40);
    (response.body as typeof endless).cancel();
  });

  it("passes on a large body untouched by the limit on what it writes itself", async () => {
    const pieces = Array.from({ length: 64 }, () => "0123456789abcdef".repeat(4096));
    const response = await component.handle(requestOf(), contextOf(), () => ({
      status: 200,
      headers: [],
      body: streamOf(pieces),
    }));
    expect(await textOf(response)).toBe(pieces.join(""));
  });

  it("aborts the next stage when its client leaves", async () => {
    const controller = new AbortController();
    let told: string | undefined;
    const answer = component.handle(requestOf(), contextOf(controller.signal), (_, inner) => {
      inner.onAbort((reason) => (told = reason.code));
      return new Promise(() => {});
    });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new BandstandError("client-gone", "the client left"));
    await expect(answer).rejects.toThrow(expect.objectContaining({ code: "client-gone" }));
    expect(told).toBe("client-gone");
  });

  it("has no next stage as a backend", async () => {
    const response = await component.handle(requestOf(), contextOf());
    expect(response.status).toBe(502);
    // Who wrote the route reads why; the guest only knows that it was refused.
    expect(component.lines.filter(({ level }) => level === "warn")).toMatchObject([
      { fields: { error: "it asked for the next stage, and there is none", remedy: expect.any(String) } },
    ]);
  });
});

describe("a middleware that has to begin again after it asked the next stage", () => {
  const answers: [string, () => HttpResponse | Promise<HttpResponse>][] = [
    ["answers at once", () => ({ status: 201, headers: [], body: "whole" })],
    ["answers later", async () => ({ status: 201, headers: [], body: "whole" })],
    ["answers with a stream", () => ({ status: 201, headers: [], body: streamOf(["wh", "ole"]) })],
    ["fails at once", () => raise(new BandstandError("component-denied", "no"))],
    ["fails later", () => Promise.reject(new BandstandError("component-denied", "no"))],
  ];
  it.each(answers)("asks it once, with what it drew the first time, where it %s", async (_, answer) => {
    const component = await guest("tests/guests/middleware-chance");
    const asked: HttpRequest[] = [];
    // The first one begins again; later ones know that they must wait.
    for (let i = 0; i < 5; i++) {
      const response = component.handle(requestOf(), contextOf(), (request) => {
        asked.push(request);
        return answer();
      });
      const settled = await Promise.resolve(response).catch((error: unknown) => error as BandstandError);
      expect(asked).toHaveLength(i + 1);
      if (settled instanceof Error) continue;
      expect(settled.status).toBe(201);
      expect(await textOf(settled)).toBe("whole");
      const drawn = (list: readonly string[]) => list[list.indexOf("x-drawn") + 1];
      expect(drawn(settled.headers)).toMatch(/^[0-9a-f]{16}$/);
      expect(drawn(settled.headers)).toBe(drawn(asked.at(-1)!.headers));
    }
  });
});

function raise(error: Error): never {
  throw error;
}

describe("outbound requests", () => {
  it("go through the host, which may refuse them", async () => {
    const asked: string[] = [];
    const component = await guest("tests/guests/outbound", {
      host: {
        async fetch(request) {
          asked.push(`${request.scheme}://${request.authority}${request.target}`);
          if (request.authority !== "api.example") throw new BandstandError("component-denied", "not listed");
          return { status: 201, headers: ["x-from", "api"], body: streamOf(["far ", "away"]) };
        },
      },
    });
    const ask = async (url: string) => component.handle(requestOf({ headers: ["x-fetch", url] }), contextOf());
    const response = await ask("https://api.example/v1?x=1");
    expect(response.status).toBe(201);
    expect(await textOf(response)).toBe("far away");
    expect((await ask("http://169.254.169.254/latest")).status).toBe(502);
    expect(asked).toEqual(["https://api.example/v1?x=1", "http://169.254.169.254/latest"]);
  });
});

it("leaks no state from one request to the next, and keeps it where that is asked for", async () => {
  const ask = async (component: Loaded) => textOf(await component.handle(requestOf(), contextOf()));
  const fresh = await guest("tests/guests/counter");
  expect([await ask(fresh), await ask(fresh), await ask(fresh)]).toEqual(["1\n", "1\n", "1\n"]);
  const reused = await guest("tests/guests/counter", { plan: { isolation: "reuse" } });
  expect([await ask(reused), await ask(reused), await ask(reused)]).toEqual(["1\n", "2\n", "3\n"]);
});

it("works on as many requests at a time as it may, has as many wait, and refuses more", async () => {
  const limits = { memory: 64 << 20, cpu: 1000, wall: 5000, requestBody: 1, responseBody: 1 };
  const component = await guest("tests/guests/middleware-c", {
    plan: { limits: { ...limits, ...usualCounts, concurrency: 2, queue: 1 } },
  });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let asked = 0;
  const ask = async () =>
    component.handle(requestOf(), contextOf(), async () => {
      asked++;
      await held;
      return { status: 204, headers: [], body: undefined };
    });
  const answers = [ask(), ask(), ask()];
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(2);
  await expect(ask()).rejects.toMatchObject({ code: "overloaded" });
  release();
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([204, 204, 204]);
  await component.close();
});

it("refuses who waits while those in hand never end, long before they are ended", async () => {
  const limits = { memory: 64 << 20, cpu: 1000, wall: 20_000, requestBody: 1, responseBody: 1 };
  const component = await guest("tests/guests/middleware-c", {
    plan: { limits: { ...limits, ...usualCounts, concurrency: 1, queue: 8 } },
  });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const ask = async () =>
    component.handle(requestOf(), contextOf(), async () => {
      await held;
      return { status: 204, headers: [], body: undefined };
    });
  const first = ask();
  const began = performance.now();
  const outcomes = Array.from({ length: 4 }, () =>
    ask().then(
      () => "served",
      (error: BandstandError) => `${error.code} ${performance.now() - began < 8000 ? "soon" : "late"}`,
    ),
  );
  // Two are no queue, and may wait for longer.
  expect(await Promise.race(outcomes)).toBe("overloaded soon");
  release();
  expect((await Promise.all(outcomes)).toSorted()).toEqual(["overloaded soon", "overloaded soon", "served", "served"]);
  expect((await first).status).toBe(204);
  await component.close();
});

it.each([
  ["resources", { resources: 16 }, /more than 16 resources/],
  ["headers", { headers: 2 }, /at most \d+ in 2 are allowed/],
])("holds no more %s than it may", async (_, counts, message) => {
  const limits = { memory: 64 << 20, cpu: 1000, wall: 5000, requestBody: 1, responseBody: 1 };
  const leaky = await guest(
    "resources" in counts ? "tests/resilience/guests/resource-leak" : "tests/guests/headers-c",
    {
      plan: { limits: { ...limits, ...usualCounts, ...counts } },
    },
  );
  const answer = (async () => leaky.handle(requestOf(), contextOf()))();
  await expect(answer).rejects.toMatchObject({
    code: "component-resources",
    message: expect.stringMatching(message),
  });
  await leaky.close();
});

it("refuses a component whose memory is larger than its limit from the start", async () => {
  const limits = { memory: 1 << 20, cpu: 100, wall: 1000, requestBody: 1, responseBody: 1, ...usualCounts };
  await expect(guest("tests/guests/hello-typescript", { plan: { limits } })).rejects.toThrow(
    expect.objectContaining({
      code: "component-unsupported",
      message: expect.stringMatching(/needs \d+ bytes of memory to start, its limit is 1048576/),
      remedy: expect.stringMatching(/at least \d+Mi \(spec.limits.memory/),
    }),
  );
});
