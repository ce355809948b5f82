import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { framed, messagesIn } from "./grpc-backend.ts";
import { startSite, type TestSite } from "./harness.ts";

let site: TestSite;
const sessions: ClientHttp2Session[] = [];
beforeAll(async () => {
  site = await startSite();
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  await site?.close();
});

type Wire = "clear" | "tls";

function open(wire: Wire, host: string): ClientHttp2Session {
  const { http, https } = site.ports;
  const made =
    wire === "clear"
      ? connect(`http://127.0.0.1:${http}`)
      : connect(`https://127.0.0.1:${https}`, { servername: host, rejectUnauthorized: false });
  made.on("error", () => {});
  sessions.push(made);
  return made;
}

interface Called {
  /** Of HTTP. */
  http: number;
  /** As a gRPC client reads it: of the trailers, or of the head where there is no message. */
  status: string | undefined;
  message: string | undefined;
  headers: Record<string, unknown>;
  trailers: Record<string, unknown>;
  messages: string[];
  reset: number;
  /** What a backend said that it got. */
  seen: { backend?: string; path?: string; headers?: Record<string, string>; messages?: string[] };
}

function begin(wire: Wire, host: string, path: string, metadata: Record<string, string> = {}): ClientHttp2Stream {
  return open(wire, host).request({
    ":method": "POST",
    ":authority": host,
    ":path": path,
    "content-type": "application/grpc+json",
    te: "trailers",
    ...metadata,
  });
}

/** A call as gRPC clients make it. */
function call(
  path: string,
  host: string,
  {
    wire = "clear",
    metadata,
    sent = ["hello"],
  }: { wire?: Wire; metadata?: Record<string, string>; sent?: string[] } = {},
): Promise<Called> {
  const authority = `${host}.grpc.example`;
  const stream = begin(wire, authority, path, metadata);
  for (const message of sent) stream.write(framed(message));
  stream.end();
  return collect(stream);
}

function collect(stream: ClientHttp2Stream): Promise<Called> {
  return new Promise((resolve) => {
    let headers: Record<string, unknown> = {};
    let trailers: Record<string, unknown> = {};
    const pieces: Buffer[] = [];
    stream.on("response", (fields) => (headers = fields));
    stream.on("trailers", (fields) => (trailers = fields));
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("error", () => {});
    stream.on("close", () => {
      const messages = messagesIn(Buffer.concat(pieces));
      const text = (name: string) => (trailers[name] ?? headers[name]) as string | undefined;
      const [first = "{}"] = messages;
      const seen = first.startsWith("{") ? (JSON.parse(first) as Called["seen"]) : {};
      const http = Number(headers[":status"] ?? 0);
      const status = text("grpc-status");
      const message = text("grpc-message");
      resolve({ http, status, message, headers, trailers, messages, reset: stream.rstCode ?? 0, seen });
    });
  });
}

describe.each(["clear", "tls"] as const)("GRPCRoute, %s", (wire) => {
  it.each([
    ["GRPCExactMethodMatching: a service and its method", "/shop.v1.Orders/Echo", "g1"],
    ["another method", "/shop.v1.Orders/EchoTwo", "g2"],
    ["all methods of a service", "/shop.v1.Stock/Anything", "g2"],
    ["a method of a service that has a rule of its own", "/shop.v1.Stock/Check", "g2"],
    ["a method of whatever service", "/other.Service/Check", "g3"],
    ["regular expressions of both", "/legacy.shop/GetPrice", "g3"],
    ["a regular expression of the service alone", "/old.Shop/Anything", "g1"],
  ])("%s", async (_name, path, backend) => {
    const { http, status, seen, trailers } = await call(path, "calls", { wire });
    expect({ http, status, backend: seen.backend, path: seen.path }).toEqual({ http: 200, status: "0", backend, path });
    expect(seen.messages).toEqual(["hello"]);
    expect(trailers).toMatchObject({ "x-sum": "abc", "x-trailer-bin": "AAEC" });
  });

  it.each([
    ["a method that no rule has", "/shop.v1.Orders/EchoThree"],
    ["a service whose name only begins so", "/shop.v1.Stocks/Echo"],
    ["a pattern that matches only a part", "/my.legacy.shop/GetPrice"],
    ["a method with more behind it", "/shop.v1.Orders/Echo/more"],
    ["a method of too many segments", "/a/b/Check"],
  ])("nothing matches: %s is 404, which clients read as UNIMPLEMENTED", async (_name, path) => {
    const { http, status, headers } = await call(path, "calls", { wire });
    const type = headers["content-type"];
    expect({ http, status, type }).toEqual({ http: 404, status: undefined, type: "application/json" });
  });

  it("messages go both ways while the call lasts, with the trailers of both sides", async () => {
    const stream = begin(wire, "calls.grpc.example", "/shop.v1.Orders/Talk");
    const said: string[] = [];
    let left = 20;
    stream.on("data", (piece: Buffer) => {
      said.push(...messagesIn(piece));
      if (--left > 0) stream.write(framed(`message ${left}`));
      else stream.end();
    });
    stream.write(framed("message 20"));
    const { status } = await collect(stream);
    expect(status).toBe("0");
    expect(said).toEqual(Array.from({ length: 20 }, (_, index) => `message ${20 - index}`));
  });

  it("many messages as an answer, and a status without any", async () => {
    expect((await call("/shop.v1.Orders/Count", "calls", { wire })).messages).toEqual(["1", "2", "3"]);
    const { http, status, message, trailers } = await call("/shop.v1.Orders/Fail", "calls", { wire });
    expect({ http, status, message }).toEqual({ http: 200, status: "5", message: "no such order" });
    expect(Object.keys(trailers)).toEqual([]);
  });

  it("a client that cancels ends the call at the backend", async () => {
    const stream = begin(wire, "calls.grpc.example", "/shop.v1.Orders/Talk");
    const ended = collect(stream);
    stream.write(framed("x"));
    await new Promise((resolve) => stream.once("data", resolve));
    stream.close(constants.NGHTTP2_CANCEL);
    expect((await ended).reset).toBe(constants.NGHTTP2_CANCEL);
  });
});

describe("GRPCRoute", () => {
  it.each([
    [{ version: "one" }, "g1"],
    [{ version: "two" }, "g2"],
    [{ version: "two", color: "orange" }, "g1"],
    [{ version: "two", color: "blue" }, "g2"],
    [{ color: "blue" }, "g1"],
    [{ color: "green" }, "g1"],
    [{ color: "red" }, "g2"],
    [{ color: "yellow" }, "g2"],
    [{ color: "orange" }, undefined],
    [{ "some-other-header": "one" }, undefined],
  ] as [Record<string, string>, string | undefined][])("GRPCRouteHeaderMatching: %o", async (metadata, backend) => {
    const { http, seen } = await call("/any.Service/Method", "headers", { metadata });
    expect([http, seen.backend]).toEqual(backend === undefined ? [404, undefined] : [200, backend]);
  });

  it("without matches every call is taken, and nothing that is none", async () => {
    expect((await call("/any.Service/Method", "everything")).seen.backend).toBe("g1");
    for (const type of ["application/grpc", "application/grpc+proto", "application/grpc; charset=utf-8"]) {
      const { http } = await call("/any.Service/Method", "everything", { metadata: { "content-type": type } });
      expect(http).toBe(200);
    }
    for (const type of ["application/json", "application/grpc-web", "application/grpcs"]) {
      const { http } = await call("/any.Service/Method", "everything", { metadata: { "content-type": type } });
      expect(http).toBe(404);
    }
    const { status } = await site.ask({ host: "everything.grpc.example", path: "/any.Service/Method" });
    expect(status).toBe(404);
  });

  it("GRPCRouteRequestHeaderModifier, and of responses", async () => {
    const metadata = { "x-set": "old", "x-add": "first", "x-remove": "gone" };
    const { seen, headers } = await call("/shop.v1.Orders/Change", "filtered", { metadata });
    expect(seen.headers).toMatchObject({ "x-set": "set", te: "trailers" });
    expect(seen.headers?.["x-add"]?.split(/, ?/)).toEqual(["first", "added"]);
    expect(seen.headers?.["x-remove"]).toBeUndefined();
    expect(headers).toMatchObject({ "x-answer": "yes", "content-type": "application/grpc+json" });
  });

  it("RequestMirror: a copy of the call goes to the other one", async () => {
    const { seen } = await call("/shop.v1.Orders/Copy", "filtered");
    expect(seen.backend).toBe("g1");
    await expect.poll(() => site.grpc.g3.calls()).toContain("/shop.v1.Orders/Copy");
  });

  it("GRPCRouteWeight: 70, 30 and 0", async () => {
    const session = open("clear", "weighted.grpc.example");
    const got: Record<string, number> = {};
    const of = async (): Promise<void> => {
      const stream = session.request({
        ":method": "POST",
        ":authority": "weighted.grpc.example",
        ":path": "/a.B/C",
        "content-type": "application/grpc",
      });
      stream.end(framed("x"));
      const { seen } = await collect(stream);
      got[seen.backend ?? ""] = (got[seen.backend ?? ""] ?? 0) + 1;
    };
    for (let turn = 0; turn < 10; turn++) await Promise.all(Array.from({ length: 50 }, of));
    expect(Object.keys(got).toSorted()).toEqual(["g1", "g2"]);
    expect(got["g1"]! / 500).toBeGreaterThan(0.6);
    expect(got["g1"]! / 500).toBeLessThan(0.8);
  });

  it("sessionPersistence: a token in a header leads to the same backend", async () => {
    const { headers, seen } = await call("/a.B/Stay", "sticky");
    const token = String(headers["x-session"]);
    for (let turn = 0; turn < 12; turn++) {
      const again = await call("/a.B/Stay", "sticky", { metadata: { "x-session": token } });
      expect(again.seen.backend).toBe(seen.backend);
    }
  });

  it("a call goes on while the site changes", async () => {
    const stream = begin("clear", "calls.grpc.example", "/shop.v1.Orders/Talk");
    const said: string[] = [];
    stream.on("data", (piece: Buffer) => said.push(...messagesIn(piece)));
    stream.write(framed("before"));
    await expect.poll(() => said).toEqual(["before"]);
    await site.renew({ shownOne: site.certificates["shownTwo"]! });
    stream.end(framed("after"));
    expect((await collect(stream)).status).toBe("0");
    expect(said).toEqual(["before", "after"]);
    await site.renew({});
  });

  it.each([
    ["appProtocol: grpc", "/to.Named/X", "g1"],
    ["BackendTLSPolicyGRPCRoute: TLS", "/to.Tls/X", "gt"],
  ])("backends are spoken to by HTTP/2: %s", async (_name, path, backend) => {
    expect((await call(path, "leading")).seen.backend).toBe(backend);
  });

  it("the same Service is HTTP/1.1 for HTTPRoutes and HTTP/2 for GRPCRoutes", async () => {
    expect((await site.ask({ host: "plain.grpc.example" })).seen?.backend).toBe("v1");
    const { http, status } = await call("/a.B/C", "to-plain");
    expect([http, status]).toEqual([200, "14"]);
    expect((await site.ask({ host: "plain.grpc.example" })).seen?.backend).toBe("v1");
  });
});

describe("what the gateway answers to calls itself", () => {
  it.each([
    ["a Service that does not exist: UNAVAILABLE", "/to.Missing/X", "leading", "14"],
    ["no backend: UNAVAILABLE", "/to.Nobody/X", "leading", "14"],
    ["one that is not granted: UNAVAILABLE", "/to.Elsewhere/X", "leading", "14"],
    ["one that speaks WebSocket: UNAVAILABLE", "/to.Sockets/X", "leading", "14"],
    ["one that cannot be reached: UNAVAILABLE", "/to.Closed/X", "leading", "14"],
    ["a filter that cannot be resolved: UNAVAILABLE", "/shop.v1.Orders/Broken", "filtered", "14"],
  ])("%s", async (_name, path, host, wanted) => {
    const { http, status, headers, messages, message } = await call(path, host);
    expect({ http, status, messages }).toEqual({ http: 200, status: wanted, messages: [] });
    expect(headers["content-type"]).toBe("application/grpc");
    expect(message).toMatch(/ \(request \S+\)$/);
  });

  it("a limit of requests: RESOURCE_EXHAUSTED", async () => {
    expect((await call("/shop.v1.Orders/Limited", "filtered")).status).toBe("0");
    const { http, status } = await call("/shop.v1.Orders/Limited", "filtered");
    expect([http, status]).toEqual([200, "8"]);
  });
});

describe("conditions of GRPCRoutes", () => {
  const of = (name: string, part = 0) =>
    site.planned.plan.conditions.routes
      .find((route) => route.name === name)
      ?.parents[part]?.conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

  it.each([
    ["calls", 0, ["Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"]],
    ["leading", 0, ["Accepted=True Accepted", "ResolvedRefs=False BackendNotFound"]],
    ["kinds", 0, ["Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"]],
    ["kinds", 1, ["Accepted=False NotAllowedByListeners", "ResolvedRefs=True ResolvedRefs"]],
    ["http-kinds", 0, ["Accepted=False NotAllowedByListeners", "ResolvedRefs=True ResolvedRefs"]],
    ["older-grpc", 0, ["Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"]],
    ["a-late-http", 0, ["Accepted=False HostnameConflict", "ResolvedRefs=True ResolvedRefs"]],
    ["same-age-a", 0, ["Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"]],
    ["same-age-b", 0, ["Accepted=False HostnameConflict", "ResolvedRefs=True ResolvedRefs"]],
  ] as [string, number, string[]][])("%s, parent %d", (name, part, expected) => {
    expect(of(name, part)).toEqual(expected);
  });

  it("listeners say which kinds they take, and count what is attached", () => {
    const gateway = site.planned.plan.conditions.gateways.find(({ name }) => name === "grpc");
    const listeners = gateway?.listeners.map(({ name, supportedKinds, attachedRoutes }) => [
      name,
      supportedKinds.map(({ kind }) => kind).join(),
      attachedRoutes,
    ]);
    expect(listeners).toEqual([
      ["clear", "HTTPRoute,GRPCRoute", 11],
      ["tls", "HTTPRoute,GRPCRoute", 9],
      ["only", "GRPCRoute", 1],
      ["none", "HTTPRoute", 0],
    ]);
  });

  it("a hostname that both kinds want is served by the older one", async () => {
    expect((await call("/a.B/C", "older")).seen.backend).toBe("g1");
    expect((await site.ask({ host: "older.grpc.example" })).status).toBe(404);
    expect((await site.ask({ host: "same.grpc.example" })).seen?.backend).toBe("v1");
    expect((await call("/a.B/C", "same-too")).http).toBe(404);
  });
});
