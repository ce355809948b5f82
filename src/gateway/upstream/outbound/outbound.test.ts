import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createServer as createPlainServer, type AddressInfo, type LookupFunction } from "node:net";

import { afterEach, describe, expect, it } from "vitest";
import { selfSigned } from "../../../foundation/certificates/index.ts";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type Body, type HttpRequest, type RequestContext } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { guardedLookup, isRefusedAddress } from "../../../foundation/network/index.ts";
import type { ComponentPlan } from "../../../model/plan/index.ts";
import { httpErrorOf } from "../../../wasm/host/http/error-code.ts";
import { EndpointPools } from "../pools.ts";
import { ServiceUpstream } from "../service.ts";
import { outboundFetch } from "./fetch.ts";
import { grantsOf, isGrantedOrigin, originOf } from "./grants.ts";
import { Origins } from "./origin.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function backend(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => (server.close(), server.closeAllConnections()));
  return (server.address() as AddressInfo).port;
}

async function text(body: Body): Promise<string> {
  if (!isStream(body)) return body === undefined ? "" : Buffer.from(body).toString("latin1");
  let all = "";
  for (let piece = await body.read(); piece !== undefined; piece = await body.read())
    all += Buffer.from(piece).toString("latin1");
  return all;
}

const plan = (capabilities: ComponentPlan["capabilities"]): ComponentPlan =>
  ({ id: "default/c", capabilities }) as ComponentPlan;

function fetcher(capabilities: Partial<ComponentPlan["capabilities"]>, origins = new Origins(), service?: number) {
  cleanups.push(() => origins.close());
  const pools = new EndpointPools();
  cleanups.push(() => pools.close());
  const upstream = new ServiceUpstream({ id: "default/orders:80", protocol: "http" }, pools);
  if (service !== undefined) upstream.setEndpoints([{ host: "127.0.0.1", port: service }]);
  const unlisted: string[] = [];
  const fetch = outboundFetch(
    (id) => (id === upstream.id ? upstream : undefined),
    async () => origins,
    (_, origin, isNews) => void (isNews && unlisted.push(origin)),
  )(plan({ http: [], services: [], keyValue: [], ...capabilities }));
  const controller = new AbortController();
  const context: RequestContext = {
    id: "1",
    remoteAddress: "",
    onAbort: (listener) => {
      if (controller.signal.aborted) listener(controller.signal.reason);
      else controller.signal.addEventListener("abort", () => listener(controller.signal.reason));
    },
  };
  const send = async (url: string, fields: Partial<HttpRequest> = {}, timeouts = {}) => {
    const { protocol, host, pathname, search } = new URL(url);
    const scheme = protocol === "https:" ? "https" : "http";
    return fetch(
      {
        method: "GET",
        scheme,
        authority: host,
        target: `${pathname}${search}`,
        headers: [],
        body: undefined,
        ...fields,
      },
      context,
      timeouts,
    );
  };
  return { send, controller, unlisted };
}

const code = (error: unknown): string => (error as BandstandError).code;

describe("addresses that names must not lead to", () => {
  it.each([
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "169.254.169.254",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::127.0.0.1%eth0",
    "64:ff9b:1::7f00:1",
    "64:ff9b:1:a9fe:a9:fe00::",
    "64:ff9b:1:7f:0:1::",
    "64:ff9b:1:0:7f:0:100:0",
    "::ffff:0:7f00:1",
    "::ffff:0:169.254.169.254",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "ff02::1",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "fd00:c1::a9fe:a9fe",
    "fd00:a9fe:a9fe::1",
    "fd00:42::42",
    "fd00:100::100:200",
    "100.100.100.200",
    "255.255.255.255",
    "nonsense",
  ])("%s", (address) => {
    expect(isRefusedAddress(address)).toBe(true);
  });
  it.each([
    "10.0.0.1",
    "192.168.1.1",
    "8.8.8.8",
    "2001:4860:4860::8888",
    "fd00::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "64:ff9b:1::808:808",
    "64:ff9b:1:808:8:800::",
    "::ffff:0:8.8.8.8",
    "2001:db8::7f00:1",
    "fd20::ce:254",
  ])("but %s", (address) => {
    expect(isRefusedAddress(address)).toBe(false);
  });
});

describe("grants", () => {
  const grants = ["https://api.example.com", "http://127.0.0.1:9000", "https://*.example.org"];
  it.each([
    ["https", "api.example.com", true],
    ["https", "API.Example.com:443", true],
    ["http", "api.example.com", false],
    ["https", "api.example.com:8443", false],
    ["https", "xapi.example.com", false],
    ["https", "api.example.com.evil.test", false],
    ["https", "api.example.com@evil.test", false],
    ["https", "evil.test/api.example.com", false],
    ["https", "a.example.org", true],
    ["https", "b.a.example.org", true],
    ["https", "example.org", false],
    ["https", "*.example.org", false],
    ["http", "127.0.0.1:9000", true],
    ["http", "127.0.0.1", false],
    ["http", "2130706433:9000", false],
  ] as const)("%s://%s: %s", (scheme, authority, expected) => {
    const target = originOf(scheme, authority);
    expect(target !== undefined && isGrantedOrigin(grantsOf(grants), target)).toBe(expected);
  });
});

describe("requests of a component", () => {
  it("go to a Service of the site by the name that is listed", async () => {
    const port = await backend((incoming, outgoing) => outgoing.end(`${incoming.headers.host} ${incoming.url}`));
    const { send } = fetcher({ services: [{ authority: "orders", service: "default/orders:80" }] }, undefined, port);
    expect(await text((await send("http://orders/a?b")).body)).toBe("orders /a?b");
    expect(await send("http://other/").catch(code)).toBe("component-denied");
    expect(await send("https://orders/").catch(code)).toBe("component-denied");
  });

  it("go to an origin that is listed, both ways streaming, with headers as they came", async () => {
    const port = await backend((incoming, outgoing) => {
      outgoing.writeHead(201, ["X-Case", "a", "Set-Cookie", "a=1", "Set-Cookie", "b=2", "Location", "/x"]);
      incoming.pipe(outgoing);
    });
    const { send } = fetcher({ http: [`http://127.0.0.1:${port}`] });
    const body = new BodyQueue({});
    body.push(Buffer.from("up "));
    setTimeout(() => (body.push(Buffer.from("and down")), body.end()), 10);
    const response = await send(`http://127.0.0.1:${port}/`, { method: "POST", body });
    expect(response.status).toBe(201);
    expect(response.headers.slice(0, 8)).toEqual([
      "X-Case",
      "a",
      "Set-Cookie",
      "a=1",
      "Set-Cookie",
      "b=2",
      "Location",
      "/x",
    ]);
    expect(await text(response.body)).toBe("up and down");
  });

  it.each(["http", "https"])("by %s send their head before their body begins, however late it does", async (scheme) => {
    const { certificate, key } = selfSigned(["localhost"]);
    const listener: RequestListener = (incoming, outgoing) => {
      outgoing.writeHead(200).flushHeaders();
      incoming.pipe(outgoing);
    };
    const server =
      scheme === "http" ? createServer(listener) : createSecureServer({ cert: certificate, key }, listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => (server.close(), server.closeAllConnections()));
    const { port } = server.address() as AddressInfo;
    const { send, controller } = fetcher({ http: ["localhost"] }, new Origins([certificate]));
    const body = new BodyQueue({});
    const response = await send(`${scheme}://localhost:${port}/`, { method: "POST", body, headers: ["expect", "x"] });
    expect(response.status).toBe(200);
    body.push(Buffer.from("behind "));
    setTimeout(() => (body.push(Buffer.from("the head")), body.end()), 10);
    expect(await text(response.body)).toBe("behind the head");
    const never = await send(`${scheme}://localhost:${port}/`, { method: "POST", body: new BodyQueue({}) });
    controller.abort(new BandstandError("client-gone", "left"));
    expect(await text(never.body).catch(code)).toBe("client-gone");
  });

  it("whose body begins late are refused as others are", async () => {
    const late = { method: "POST", body: new BodyQueue({}) };
    const rebinding = guardedLookup((_host, done) => done(null, [{ address: "127.0.0.1", family: 4 }]));
    const { send } = fetcher({ http: ["api.example.com", "127.0.0.1"] }, new Origins([], rebinding));
    expect(await send("http://api.example.com/", late).catch(code)).toBe("component-denied");
    expect(await send("http://127.0.0.1:1/", late).catch(code)).toBe("backend-unreachable");
    const nowhere = fetcher({ http: ["slow.example"] }, new Origins([], () => {}));
    const error: unknown = await nowhere
      .send("http://slow.example/", late, { connect: 50 })
      .catch((each: unknown) => each);
    expect(httpErrorOf(error)).toEqual({ name: "connection-timeout" });
  });

  const anyHost = "elsewhere.example";

  it("go to what is not listed where the component only counts, but never to this machine", async () => {
    const port = await backend((_incoming, outgoing) => outgoing.end("there"));
    const anywhere: LookupFunction = (_host, options, done) =>
      options.all === true ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
    const { send, unlisted } = fetcher({ mode: "count" }, new Origins([], anywhere));
    expect(await text((await send(`http://elsewhere.example:${port}/`)).body)).toBe("there");
    expect(unlisted).toEqual([`http://elsewhere.example:${port}`]);
    for (const host of [
      "127.0.0.1",
      "localhost",
      "[::1]",
      "169.254.169.254",
      "[::ffff:127.0.0.1]",
      "[64:ff9b:1::7f00:1]",
    ]) {
      expect(await send(`http://${host}:${port}/`).catch(code)).toBe("component-denied");
    }
    // What a parser of URLs, or the system, would take for an address of this machine, however it is written.
    const spelled = [
      "2130706433",
      "0x7f000001",
      "0x7f.1",
      "0177.0.0.1",
      "127.1",
      "127.0.0.1.",
      "0",
      "0.0.0.0",
      "localhost.",
    ];
    for (const host of [...spelled, "db.localhost", "127.0.0.1%00", "0x7f.0x0.0x0.0x1", "[::ffff:7f00:1]", "[::]"]) {
      const authority = `${host}:${port}`;
      expect([host, await send(`http://${anyHost}:${port}/`, { authority }).catch(code)]).toEqual([
        host,
        "component-denied",
      ]);
    }
    expect(unlisted).toHaveLength(1);
  });

  it("go nowhere where a listed name leads to this machine", async () => {
    const port = await backend((_incoming, outgoing) => outgoing.end("secret"));
    const rebinding = new Origins(
      [],
      guardedLookup((_host, done) => done(null, [{ address: "127.0.0.1", family: 4 }])),
    );
    const { send } = fetcher({ http: [`http://api.example.com:${port}`, `http://localhost:${port}`] }, rebinding);
    expect(await send(`http://api.example.com:${port}/`).catch(code)).toBe("component-denied");
    expect(await text((await send(`http://localhost:${port}/`)).body)).toBe("secret");
  });

  it("end where nothing answers, or an answer stands still", async () => {
    const port = await backend((incoming, outgoing) => {
      if (incoming.url === "/still") outgoing.write("part");
      if (incoming.url === "/there") {
        setTimeout(() => outgoing.write("there"), 20);
        setTimeout(() => outgoing.end(", and here"), 40);
      }
    });
    const { send, controller } = fetcher({ http: [`http://127.0.0.1:${port}`] });
    expect(await send(`http://127.0.0.1:${port}/`, {}, { firstByte: 50 }).catch(code)).toBe("backend-timeout");
    const still = await send(`http://127.0.0.1:${port}/still`, {}, { betweenBytes: 50 });
    expect(await text(still.body).catch(code)).toBe("backend-timeout");
    // All the time that there is: `u64::MAX` nanoseconds, which no timer can have.
    const most = 2 ** 64 / 1e6;
    const patient = await send(
      `http://127.0.0.1:${port}/there`,
      {},
      { connect: most, firstByte: most, betweenBytes: most },
    );
    expect(await text(patient.body)).toBe("there, and here");
    const hanging = send(`http://127.0.0.1:${port}/`);
    controller.abort(new BandstandError("client-gone", "left"));
    expect(await hanging.catch(code)).toBe("client-gone");
  });

  it("end where no connection comes about, and tell it from an answer that does not come", async () => {
    const { send } = fetcher({ http: ["slow.example"] }, new Origins([], () => {}));
    const error: unknown = await send("http://slow.example/", {}, { connect: 50 }).catch((reason: unknown) => reason);
    expect(code(error)).toBe("backend-timeout");
    expect(httpErrorOf(error)).toEqual({ name: "connection-timeout" });
  });

  it("follow no redirect, and share connections", async () => {
    const seen: (string | undefined)[] = [];
    let connections = 0;
    const server = createServer((incoming, outgoing) => {
      seen.push(incoming.url);
      outgoing.writeHead(302, { location: "/elsewhere" }).end("there");
    }).on("connection", () => connections++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => (server.close(), server.closeAllConnections()));
    const { port } = server.address() as AddressInfo;
    const { send } = fetcher({ http: ["127.0.0.0/8"] });
    const paths = ["/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h"];
    for (const path of paths) {
      const { status, headers, body } = await send(`http://127.0.0.1:${port}${path}`);
      expect([status, headers[headers.findIndex((name) => name.toLowerCase() === "location") + 1]]).toEqual([
        302,
        "/elsewhere",
      ]);
      await text(body);
    }
    expect(seen).toEqual(paths);
    // A body may end a moment before its connection is free again.
    expect(connections).toBeLessThanOrEqual(2);
  });

  it("trust own authorities beside the system's, and nobody else", async () => {
    const { certificate, key } = selfSigned(["localhost", "127.0.0.1"]);
    const server = createSecureServer({ cert: certificate, key }, (_incoming, outgoing) => outgoing.end("secret"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => (server.close(), server.closeAllConnections()));
    const { port } = server.address() as AddressInfo;
    const trusting = fetcher({ http: ["localhost"] }, new Origins([certificate]));
    expect(await text((await trusting.send(`https://localhost:${port}/`)).body)).toBe("secret");
    const { send } = fetcher({ http: ["localhost"] });
    const error: unknown = await send(`https://localhost:${port}/`).catch((reason: unknown) => reason);
    expect(httpErrorOf(error)).toEqual({ name: "TLS-certificate-error" });
  });

  it.each(["", "HTTP/1.1 400 Bad Request\r\n\r\n"])("tell that whoever is there speaks no TLS: %j", async (said) => {
    const server = createPlainServer((socket) => socket.on("error", () => {}).once("data", () => socket.end(said)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { send } = fetcher({ http: ["127.0.0.1"] });
    const error: unknown = await send(`https://127.0.0.1:${port}/`).catch((reason: unknown) => reason);
    expect([code(error), httpErrorOf(error)]).toEqual(["backend-broken", { name: "TLS-protocol-error" }]);
  });

  it("go to hosts and networks without a scheme by either, on every port", async () => {
    const port = await backend((_incoming, outgoing) => outgoing.end("there"));
    for (const entry of ["127.0.0.1", `127.0.0.1:${port}`, "127.0.0.0/8", "localhost", `http://127.0.0.1:${port}`]) {
      const { send } = fetcher({ http: [entry] });
      expect(await text((await send(`http://127.0.0.1:${port}/`)).body)).toBe("there");
    }
    for (const entry of ["*", "0.0.0.0/0", `127.0.0.1:${port + 1}`, `https://127.0.0.1:${port}`, "*.localhost"]) {
      const { send } = fetcher({ http: [entry] });
      expect(await send(`http://127.0.0.1:${port}/`).catch(code)).toBe("component-denied");
    }
    // What is a name to us and an address to a URL's parser is neither, also where only is counted.
    for (const host of ["2130706433", "0x7f.1", "127.1", "%31%32%37.0.0.1", "localhost."]) {
      for (const mode of [undefined, "count"] as const) {
        const { send } = fetcher({ http: ["*"], ...(mode && { mode }) });
        const request = { authority: `${host}:${port}` };
        expect(await send(`http://x.example:${port}/`, request).catch(code)).toBe("component-denied");
      }
    }
  });

  it("say what is unreachable", async () => {
    const { send } = fetcher({ http: ["http://127.0.0.1:1"] });
    expect(await send("http://127.0.0.1:1/").catch(code)).toBe("backend-unreachable");
  });

  it("are paced by a component that does not read", async () => {
    let written = 0;
    const port = await backend((_incoming, outgoing) => {
      const push = (): void => {
        while (written < 800) {
          written++;
          if (!outgoing.write(Buffer.alloc(100_000))) return void outgoing.once("drain", push);
        }
        outgoing.end();
      };
      push();
    });
    const { send } = fetcher({ http: [`http://127.0.0.1:${port}`] });
    const response = await send(`http://127.0.0.1:${port}/`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(300);
    expect((await text(response.body)).length).toBe(80_000_000);
  });
});
