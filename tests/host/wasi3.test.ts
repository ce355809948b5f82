import { usualCounts } from "../../src/model/plan/index.ts";
import { afterAll, describe, expect, it } from "vitest";
import { BandstandError } from "../../src/foundation/errors/index.ts";
import type { HttpRequest, HttpResponse } from "../../src/foundation/http/index.ts";
import { isStream } from "../../src/foundation/http/index.ts";
import { buildService } from "../guests/wasi3/build.ts";
import { contextOf, load, requestOf, streamOf, textOf, type Loaded } from "./load.ts";
import { passesOnLargeBodies } from "./large-bodies.ts";

const loaded: Loaded[] = [];
async function service(name: string, options?: Parameters<typeof load>[1]): Promise<Loaded> {
  const component = await load(await buildService(name), options);
  loaded.push(component);
  return component;
}
afterAll(() => Promise.all(loaded.map((component) => component.close())));

const [fresh, reused] = [{ plan: { isolation: "request" } }, { plan: { isolation: "reuse" } }] as const;

describe.each([
  ["request", fresh],
  ["reuse", reused],
] as const)("isolation: %s", (isolation, options) => {
  it("answers again and again, with a body that is complete", async () => {
    const component = await service("hello", options);
    for (let i = 0; i < 5; i++) {
      const response = component.handle(requestOf(), contextOf());
      expect(response).toEqual({ status: 200, headers: ["content-type", "text/plain"], body: "Hello from C\n" });
    }
  });

  it("streams bodies of any size both ways, many at a time", async () => {
    const component = await service("echo", options);
    const bodies = Array.from({ length: 20 }, (_, i) => Array.from({ length: 30 }, () => String(i).repeat(3333)));
    const answers = await Promise.all(
      bodies.map(async (pieces) =>
        textOf(await component.handle(requestOf({ method: "POST", body: streamOf(pieces) }), contextOf())),
      ),
    );
    expect(answers).toEqual(bodies.map((pieces) => pieces.join("")));
  });

  it("waits for clocks without holding up others", async () => {
    const component = await service("waits", options);
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => textOf(await component.handle(requestOf(), contextOf()))),
    );
    // Calls of one instance see each other; a fresh state sees itself alone.
    expect(new Set(answers)).toEqual(new Set([isolation === "reuse" ? "10\n" : "01\n"]));
  });

  it.each(["middleware", "pass"])("calls the next stage: %s", async (name) => {
    const component = await service(name, options);
    const seen: HttpRequest[] = [];
    const stage = (answer: Partial<HttpResponse>) => async (request: HttpRequest) => {
      seen.push(request);
      return { status: 201, headers: ["x-next", "1"], body: undefined, ...answer };
    };
    const request = requestOf({ method: "GET", target: "/a?b", headers: ["x-one", "1"], body: "ping" });
    const now = await component.handle(request, contextOf(), (given) => {
      seen.push(given);
      return { status: 201, headers: ["x-next", "1"], body: "pong" };
    });
    const later = await component.handle(request, contextOf(), stage({ body: streamOf(["po", "ng"]) }));
    for (const response of [now, later]) {
      expect(response.status).toBe(201);
      expect(response.headers).toEqual(["x-next", "1", ...(name === "pass" ? [] : ["x-middleware", "c"])]);
      expect(await textOf(response)).toBe("pong");
    }
    const headers = ["x-one", "1", ...(name === "pass" ? [] : ["x-from", "middleware"])];
    for (const given of seen) expect(given).toMatchObject({ method: "GET", target: "/a?b", headers, body: "ping" });
    expect(seen).toHaveLength(2);
  });
});

it("an answer that nothing changed says how long another would be", async () => {
  const component = await service("unchanged");
  const response = await component.handle(requestOf(), contextOf());
  expect([response.status, response.headers, await textOf(response)]).toEqual([304, ["content-length", "10"], ""]);
});

describe("trailers", () => {
  it("go both ways", async () => {
    const component = await service("echo");
    const body = Object.assign(streamOf(["one"]), { trailers: ["x-sum", "3"] });
    const response = await component.handle(requestOf({ method: "POST", body }), contextOf());
    expect(await textOf(response)).toBe("one");
    expect(isStream(response.body) && response.body.trailers).toEqual(["x-sum", "3"]);
  });

  it("stand behind a body that goes back as it came, after the guest is done", async () => {
    const component = await service("trailers");
    for (const pieces of [["first ", "second ", "third"], "whole"]) {
      const body = typeof pieces === "string" ? pieces : streamOf(pieces);
      const response = await component.handle(requestOf({ method: "POST", body }), contextOf());
      expect(await textOf(response)).toBe(typeof pieces === "string" ? "ole" : pieces.join(""));
      expect(isStream(response.body) && response.body.trailers).toEqual(["x-sum", "7"]);
      // What a guest holds from its start on is as fresh as the rest of it.
      expect(response.headers).toEqual(["x-count", "1"]);
    }
  });
});

describe("a middleware", () => {
  it.each(["middleware", "pass"])("passes on a body that is larger than a guest may read: %s", async (name) => {
    const component = await service(name);
    await passesOnLargeBodies(component);
  });

  it("reads no more of a body than it may, whether its length is known or not", async () => {
    const component = await service("echo");
    for (const body of [streamOf(["x".repeat(2 << 20)]), "x".repeat(2 << 20)]) {
      const answer = async (): Promise<string> =>
        textOf(
          await component.handle(requestOf({ method: "POST", body }), contextOf(), () => {
            throw new Error("called");
          }),
        );
      await expect(answer()).rejects.toThrow();
    }
  });

  it.each(["request", "reuse"] as const)(
    "answers at once that a body is too large, whatever it says: %s",
    async (isolation) => {
      const component = await service("collects", { plan: { isolation } });
      const ask = async (size: number) =>
        component.handle(requestOf({ method: "POST", body: "x".repeat(size) }), contextOf());
      for (let request = 0; request < 2; request++) {
        expect(await textOf(await ask(1 << 20))).toBe("collected\n");
        await expect(ask((1 << 20) + 1)).rejects.toThrow(expect.objectContaining({ code: "request-too-large" }));
      }
      expect(component.lines.filter(({ level }) => level !== "debug")).toEqual([]);
    },
  );

  it("answers itself", async () => {
    const component = await service("pass");
    const response = await component.handle(requestOf({ target: "/own" }), contextOf(), () => {
      throw new Error("called");
    });
    expect([response.status, await textOf(response)]).toEqual([403, "own\n"]);
  });

  it.each(["middleware", "pass"])(
    "is no way around what is too large for the next stage, whatever it makes of that: %s",
    async (name) => {
      const component = await service(name);
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
    },
  );

  it("is told of a next stage that fails", async () => {
    const component = await service("middleware");
    const failed = new BandstandError("backend-unreachable", "nobody there");
    const fails = [
      () => {
        throw failed;
      },
      () => Promise.reject(failed),
    ];
    for (const next of fails) {
      const response = await component.handle(requestOf(), contextOf(), next);
      expect([response.status, await textOf(response)]).toEqual([502, "the next stage did not answer\n"]);
    }
  });

  it("is ended when the client goes, and the next stage with it", async () => {
    const component = await service("pass");
    const client = new AbortController();
    const gone = new BandstandError("client-gone", "the client is gone");
    let told: BandstandError | undefined;
    const response = component.handle(requestOf(), contextOf(client.signal), (_, context) => {
      context.onAbort((reason) => (told = reason));
      return new Promise(() => {});
    });
    client.abort(gone);
    await expect(response).rejects.toBe(gone);
    expect(told).toBe(gone);
  });
});

describe("the rest of the world", () => {
  it("is there: clocks, chance, environment, output, headers, options, streams of its own, requests to servers", async () => {
    const sent: HttpRequest[] = [];
    const component = await service("kit", {
      host: {
        config: new Map([["KEY", "value"]]),
        fetch: async (request, _, timeouts) => {
          sent.push(request);
          expect(timeouts).toEqual({ connect: 7 });
          expect(await textOf({ status: 0, headers: request.headers, body: request.body })).toBe("leaves");
          return { status: 418, headers: [], body: "short and stout" };
        },
      },
    });
    const response = await component.handle(requestOf({ method: "POST", body: streamOf(["x"]) }), contextOf());
    expect(await textOf(response)).toBe("mecrhlpqotsa\n");
    expect(sent).toMatchObject([{ method: "BREW", scheme: "https", authority: "api.example", target: "/pot" }]);
    expect(component.lines.filter(({ fields }) => fields["stream"] === "stdout").map(({ message }) => message)).toEqual(
      ["a line", "and "],
    );
  });

  it.each(["request", "reuse"] as const)(
    "waits on a stack of the guest where it has no callback: %s",
    async (isolation) => {
      const component = await service("stack", { plan: { isolation } });
      const bodies = Array.from({ length: 6 }, (_, i) => Array.from({ length: 9 }, () => String(i).repeat(999)));
      const answers = await Promise.all(
        bodies.map(async (pieces) => {
          const body = Object.assign(streamOf(pieces), { trailers: ["x-sum", "1"] });
          const response = await component.handle(requestOf({ method: "POST", body }), contextOf());
          const text = await textOf(response);
          return [text, isStream(response.body) && response.body.trailers];
        }),
      );
      expect(answers).toEqual(bodies.map((pieces) => [pieces.join(""), ["x-sum", "1"]]));
    },
  );

  it("is ended where it waits on its stack", async () => {
    const component = await service("stack");
    const client = new AbortController();
    const gone = new BandstandError("client-gone", "the client is gone");
    const response = component.handle(requestOf(), contextOf(client.signal));
    client.abort(gone);
    await expect(response).rejects.toBe(gone);
    expect(await textOf(await component.handle(requestOf({ body: "next" }), contextOf()))).toBe("next");
  });
});

describe("calls that share an instance", () => {
  it("are asked to end when their clients go, and leave the others alone", async () => {
    const component = await service("waits", reused);
    const client = new AbortController();
    const others = Array.from({ length: 4 }, async () => textOf(await component.handle(requestOf(), contextOf())));
    const gone = component.handle(requestOf(), contextOf(client.signal));
    client.abort(new BandstandError("client-gone", "the client is gone"));
    await expect(gone).rejects.toThrow(expect.objectContaining({ code: "client-gone" }));
    expect(new Set(await Promise.all(others))).toEqual(new Set(["05\n"]));
    // The instance is the same, and counted the call that was cancelled down: five at most until now.
    const next = Array.from({ length: 6 }, async () => textOf(await component.handle(requestOf(), contextOf())));
    expect(new Set(await Promise.all(next))).toEqual(new Set(["06\n"]));
  });

  it("stream on while others are cut off, and the instance stays", async () => {
    const component = await service("echo", reused);
    const one = async (i: number): Promise<string> => {
      const client = new AbortController();
      if (i % 3 === 0) setImmediate(() => client.abort(new BandstandError("client-gone", "the client is gone")));
      const body = streamOf(Array.from({ length: 5 }, () => "x".repeat(1500)));
      const response = await component.handle(requestOf({ method: "POST", body }), contextOf(client.signal));
      return textOf(response);
    };
    for (let round = 0; round < 5; round++) {
      const ends = await Promise.allSettled(Array.from({ length: 24 }, (_, i) => one(i)));
      for (const [i, end] of ends.entries()) {
        if (i % 3 === 0) expect(end).toMatchObject({ reason: { code: "client-gone" } });
        else expect(end).toEqual({ status: "fulfilled", value: "x".repeat(7500) });
      }
    }
    expect(component.lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  it("fall with their instance; the next one has a new one", async () => {
    const limits = { memory: 1 << 20, cpu: 60, wall: 20_000, requestBody: 1000, responseBody: 1 << 20, ...usualCounts };
    const component = await service("bad", { plan: { isolation: "reuse", limits } });
    const run = async (target: string): Promise<HttpResponse> => component.handle(requestOf({ target }), contextOf());
    const [waits, traps] = await Promise.allSettled([run("/waits"), run("/traps")]);
    expect(traps).toMatchObject({ reason: { code: "component-trapped" } });
    expect(waits).toMatchObject({ reason: { message: "another call of the same instance failed" } });
    expect(await textOf(await run("/endless after its answer"))).toBe("late\n");
  });
});

describe("what a guest must not do", () => {
  it.each([
    ["/spins", "component-cpu", "CPU time"],
    ["/traps", "component-trapped", "unreachable"],
    ["/never answers", "component-no-answer", "without an answer"],
    ["/waits for nothing", "component-wall", "was not done after"],
    ["/yields for ever", "component-cpu", "CPU time"],
    ["/handle of another kind", "component-trapped", "expected a waitable-set, got a request"],
    ["/code that means nothing", "component-trapped", "means nothing"],
    ["/2 answers", "component-trapped", "returned twice"],
    ["/memory of others", "component-trapped", "outside of the memory"],
    ["/dies without being asked", "component-trapped", "not asked to end"],
    ["/result that there is not", "component-trapped", "there is no case 7 of result"],
    ["/x answers an error", "backend-timeout", "HTTP-response-timeout"],
  ])("ends its request only: %s", async (target, code, message) => {
    const wall = code === "component-wall" ? 300 : 20_000;
    const limits = { memory: 1 << 20, cpu: 60, wall, requestBody: 1000, responseBody: 1 << 20, ...usualCounts };
    const component = await service("bad", { plan: { limits } });
    const run = async (): Promise<HttpResponse> => component.handle(requestOf({ target }), contextOf());
    for (let i = 0; i < 2; i++) {
      await expect(run()).rejects.toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    }
  });

  it("breaks the body of an answer that went out: left unfinished, too long, or followed by an endless loop", async () => {
    const limits = { memory: 1 << 20, cpu: 60, wall: 20_000, requestBody: 1000, responseBody: 1 << 20, ...usualCounts };
    const component = await service("bad", { plan: { limits } });
    const run = async (target: string): Promise<string> =>
      textOf(await component.handle(requestOf({ target }), contextOf()));
    await expect(run("/breaks off")).rejects.toThrow(expect.objectContaining({ code: "component-no-answer" }));
    await expect(run("/floods")).rejects.toThrow(expect.objectContaining({ code: "component-body-limit" }));
    await expect(run("/endless after its answer")).resolves.toBe("late\n");
  });
});
