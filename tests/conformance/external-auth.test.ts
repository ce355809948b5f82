import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSite, type Reply, type TestSite } from "./harness.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const ask = (
  path: string,
  token: string | undefined,
  more: { method?: string; headers?: Record<string, string>; body?: string } = {},
) =>
  site.ask({
    host: "auth.example",
    path,
    ...more,
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...more.headers },
  });
const asked = () => site.auth.asked().at(-1);

describe("ExternalAuth", () => {
  it("200 lets the request go on, with all headers of the answer but those of its body", async () => {
    const { status, seen } = await ask("/all?b=c", "ok", { headers: { "x-user": "mallory", "x-own": "1" } });
    expect(status).toBe(200);
    expect(seen).toMatchObject({ backend: "v1", path: "/all?b=c" });
    expect(seen?.headers).toMatchObject({
      "x-user": "ada",
      "x-roles": "a,b",
      "x-own": "1",
      authorization: "Bearer ok",
    });
    expect(seen?.headers["content-type"]).toBeUndefined();
    expect(asked()).toMatchObject({ method: "GET", path: "/all?b=c", host: "auth.example", body: "" });
    expect(asked()?.headers).toMatchObject({ authorization: "Bearer ok", "content-length": "0" });
    expect(asked()?.headers["x-own"]).toBeUndefined();
    expect(asked()?.headers["x-forwarded-for"]).toBeUndefined();
  });

  it("lists say what it is shown, and what it may say", async () => {
    const headers = { "x-shown": "1", "x-hidden": "2", cookie: "a=b", "x-roles": "mine" };
    const { seen } = await ask("/listed", "ok", { headers });
    expect(seen?.headers).toMatchObject({ "x-user": "ada", "x-roles": "mine" });
    expect(asked()).toMatchObject({ path: "/check/listed" });
    expect(asked()?.headers).toMatchObject({ "x-shown": "1", cookie: "a=b" });
    expect(asked()?.headers["x-hidden"]).toBeUndefined();
  });

  it.each([["X-User"], ["x_user"], ["X.User"]])("what it may say nobody outside says: %s", async (name) => {
    const { seen } = await ask("/body", "ok", { headers: { [name]: "mallory" } });
    const values = Object.entries(seen?.headers ?? {}).filter(([, value]) => value.includes("mallory"));
    expect(values).toEqual([]);
  });

  it.each([
    [undefined, 401, { "www-authenticate": "Bearer" }, "who are you?"],
    ["redirect", 302, { location: "https://login.example/", "set-cookie": "state=1" }, ""],
  ] as [string | undefined, number, Record<string, string>, string][])(
    "its refusal is the client's answer: %s, %d",
    async (token, status, headers, body) => {
      const before = site.backends["v1"]!.count();
      const reply = await ask("/all", token, { method: "POST", body: "x".repeat(50_000) });
      expect([reply.status, reply.body]).toEqual([status, body]);
      expect(reply.headers).toMatchObject(headers);
      expect(site.backends["v1"]!.count()).toBe(before);
    },
  );

  it.each([
    ["/all", "odd", 403, "not-authorized"],
    ["/all", "broken", 502, "backend-broken"],
    ["/closed", "ok", 503, "backend-unreachable"],
    ["/missing", "ok", 500, "filter-unresolved"],
    ["/relative", "ok", 500, "filter-unresolved"],
  ])("everything else lets nobody through: %s, %s", async (path, token, status, code) => {
    const before = site.backends["v1"]!.count();
    const reply = await ask(path, token);
    expect([reply.status, (JSON.parse(reply.body) as { code: string }).code]).toEqual([status, code]);
    expect(reply.headers["x-secret"]).toBeUndefined();
    expect(site.backends["v1"]!.count()).toBe(before);
  });

  it("a connection that breaks is asked on again", async () => {
    expect((await ask("/all", "reset-once")).status).toBe(200);
  });

  it("forwardBody: it is shown the body, and the backend gets all of it", async () => {
    const body = "a body of some bytes";
    const { seen } = await ask("/body", "ok", { method: "POST", body });
    expect(seen?.body).toBe(body);
    expect(asked()).toMatchObject({ method: "POST", body });
    expect(asked()?.headers["content-length"]).toBe(String(body.length));
    const without = await ask("/all", "ok", { method: "POST", body });
    expect(without.seen?.body).toBe(body);
    expect(asked()).toMatchObject({ method: "POST", body: "" });
  });

  it("forwardBody: a body in chunks keeps its trailers, and one that is too long is 413", async () => {
    const head =
      "POST /body HTTP/1.1\r\nHost: auth.example\r\nAuthorization: Bearer ok\r\nTransfer-Encoding: chunked\r\n";
    const raw = (chunks: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect({ host: "127.0.0.1", port: site.ports.http });
        let text = "";
        socket.on("data", (piece: Buffer) => (text += piece.toString("latin1"))).on("close", () => resolve(text));
        socket.on("error", () => {});
        socket.write(`${head}Trailer: x-sum\r\nConnection: close\r\n\r\n${chunks}`);
      });
    const fine = await raw("5\r\nhello\r\n1\r\n!\r\n0\r\nx-sum: 6\r\n\r\n");
    expect(fine).toMatch(/^HTTP\/1\.1 200 [^]*"body":"hello!"/);
    expect(asked()).toMatchObject({ body: "hello!" });
    const before = site.auth.asked().length;
    const long = "x".repeat(101);
    expect(await raw(`65\r\n${long}\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
    const { status } = await ask("/body", "ok", { method: "POST", body: long });
    expect(status).toBe(413);
    expect(site.auth.asked().length).toBe(before);
  });

  it("a component can be asked", async () => {
    const { status, seen } = await ask("/component", undefined);
    expect([status, seen?.backend]).toEqual([200, "v1"]);
  });

  it("a WebSocket is asked for once, as a request", async () => {
    const socket = connect({ host: "127.0.0.1", port: site.ports.http });
    let text = "";
    socket.on("data", (piece: Buffer) => (text += piece.toString("latin1")));
    socket.write("GET /all HTTP/1.1\r\nHost: auth.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await expect.poll(() => text.includes("who are you?")).toBe(true);
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    expect(asked()?.headers["upgrade"]).toBeUndefined();
    socket.destroy();
  });

  it("preflights before it are answered unasked, and scripts may read what it refuses", async () => {
    const before = site.auth.asked().length;
    const origin = { origin: "https://page.example" };
    const preflight: Reply = await ask("/cors", undefined, {
      method: "OPTIONS",
      headers: { ...origin, "access-control-request-method": "GET", "access-control-request-headers": "authorization" },
    });
    expect(preflight.headers["access-control-allow-origin"]).toBe("https://page.example");
    expect(site.auth.asked().length).toBe(before);
    const refused = await ask("/cors", undefined, { headers: origin });
    expect([refused.status, refused.headers["access-control-allow-origin"]]).toEqual([401, "https://page.example"]);
  });

  it("has the conditions of what it refers to", () => {
    const route = site.planned.plan.conditions.routes.find(({ name }) => name === "external-auth");
    const words = route?.parents[0]?.conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);
    expect(words).toEqual([
      "Accepted=True Accepted",
      "PartiallyInvalid=True UnsupportedValue",
      "ResolvedRefs=False BackendNotFound",
    ]);
  });
});

describe("ExternalAuth by GRPC (Envoy's ext_authz)", () => {
  const call = (token: string, more: Parameters<TestSite["ask"]>[0] | object = {}) =>
    site.ask({
      host: "auth.example",
      path: "/grpc?a=b&secret=1",
      ...more,
      headers: { authorization: token, ...("headers" in more ? more.headers : {}) },
    });

  it("what it says of headers, query and answer is done; what frames messages is nobody's to say", async () => {
    const headers = { "x-user": "mallory", "x-roles": "a", "x-new": "mine", "x-remove": "1" };
    const { status, seen, headers: answered } = await call("ok", { headers });
    expect(status).toBe(200);
    expect(seen).toMatchObject({ backend: "v1", path: "/grpc?a=b&user=ada" });
    expect(seen?.headers).toMatchObject({ "x-user": "ada", "x-roles": "a,b", "x-new": "mine" });
    expect(seen?.headers["x-remove"]).toBeUndefined();
    expect(seen?.headers["transfer-encoding"]).toBeUndefined();
    expect(answered["x-answer"]).toBe("one");
    expect(site.extAuthz.asked()).toMatchObject({
      method: "GET",
      path: "/grpc?a=b&secret=1",
      host: "auth.example",
      body: "",
      from: "127.0.0.1",
    });
    expect(site.extAuthz.asked().headers).toMatchObject({ ":method": "GET", "x-remove": "1", "x-roles": "a" });
  });

  it("a list says what it is shown, and the body as far as that is allowed", async () => {
    const { status, seen } = await call("ok", {
      path: "/grpc-listed",
      method: "POST",
      body: "b=1",
      headers: { "x-own": "1" },
    });
    expect(status).toBe(200);
    expect(seen?.body).toBe("b=1");
    expect(site.extAuthz.asked()).toMatchObject({ method: "POST", body: "b=1" });
    expect(site.extAuthz.asked().headers["x-own"]).toBeUndefined();
    expect((await call("ok", { path: "/grpc-listed", method: "POST", body: "x".repeat(101) })).status).toBe(413);
  });

  it.each([
    ["denied", 401, "who are you?"],
    ["bare", 403, ""],
  ])("its refusal is the client's answer: %s, %d", async (token, status, body) => {
    const before = site.backends["v1"]!.count();
    const reply = await call(token);
    expect([reply.status, reply.body]).toEqual([status, body]);
    if (token === "denied") expect(reply.headers["www-authenticate"]).toBe("Bearer");
    expect(site.backends["v1"]!.count()).toBe(before);
  });

  it.each([["status"], ["garbage"], ["split"]])("everything else lets nobody through: %s", async (token) => {
    const before = site.backends["v1"]!.count();
    expect((await call(token)).status).toBe(502);
    expect(site.backends["v1"]!.count()).toBe(before);
  });
});
