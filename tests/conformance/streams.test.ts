import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer as createTcpServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSigned, type SelfSigned } from "../../src/foundation/certificates/index.ts";
import { loggerTo } from "../../src/foundation/log/index.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { createGateway, type Gateway } from "../../src/gateway/index.ts";
import { plan } from "../../src/gitops/plan/index.ts";
import type { Planned } from "../../src/gitops/plan/input.ts";
import { parse } from "../../src/model/index.ts";

// Routes of connections and datagrams: TLSRoute, TCPRoute and UDPRoute.

const ends: (() => void)[] = [];
let gateway: Gateway;
let planned: Planned;
let ports: Record<"tls" | "tcp" | "udp", number>;
let pair: SelfSigned;
const backends: Record<string, number> = {};

/** Says its name, then what it hears; `half` answers once its client has ended. */
async function tcpBackend(name: string, secure?: SelfSigned): Promise<number> {
  const answer = (socket: Socket): void => {
    socket.on("error", () => {});
    socket.write(`${name}:`);
    socket.pipe(socket);
  };
  const server: Server =
    secure === undefined
      ? createTcpServer({ allowHalfOpen: true }, answer)
      : createTlsServer({ cert: secure.certificate, key: secure.key, ALPNProtocols: ["mqtt"] }, answer);
  ends.push(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function udpBackend(name: string): Promise<number> {
  const socket = createSocket("udp4");
  socket.on("message", (text, { port, address }) => socket.send(`${name}:${String(text)}`, port, address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  ends.push(() => socket.close());
  return socket.address().port;
}

const service = (name: string, port: number, protocol = "TCP"): string => `---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ports: [{ port: 80, protocol: ${protocol} }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
endpoints: [{ addresses: [127.0.0.1] }]
ports: [{ port: ${port}, protocol: ${protocol} }]
`;

const route = (kind: string, name: string, section: string, spec: string): string => `---
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: ${name}, creationTimestamp: "2026-01-0${name.length % 9 || 1}T00:00:00Z" }
spec: { parentRefs: [{ name: edge, sectionName: ${section} }], ${spec} }
`;
const to = (...names: string[]): string =>
  `rules: [{ backendRefs: [${names.map((name) => `{ name: ${name}, port: 80 }`).join(", ")}] }]`;

function site(): string {
  const certificate = Buffer.from(pair.certificate).toString("base64");
  const key = Buffer.from(pair.key).toString("base64");
  return `
apiVersion: v1
kind: Secret
metadata: { name: pair }
type: kubernetes.io/tls
data: { tls.crt: ${certificate}, tls.key: ${key} }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: bandstand
  listeners:
    - { name: pass, protocol: TLS, port: ${ports.tls}, hostname: "*.pass.example", tls: { mode: Passthrough } }
    - name: end
      protocol: TLS
      port: ${ports.tls}
      hostname: "*.end.example"
      tls: { mode: Terminate, certificateRefs: [{ name: pair }] }
    - { name: tcp, protocol: TCP, port: ${ports.tcp} }
    - { name: udp, protocol: UDP, port: ${ports.udp} }
    - { name: pages, protocol: HTTPS, port: ${ports.tls}, tls: { certificateRefs: [{ name: pair }] } }
${route("TLSRoute", "a", "pass", `hostnames: [a.pass.example], ${to("s1")}`)}
${route("TLSRoute", "any", "pass", `hostnames: ["*.pass.example"], ${to("s2")}`)}
${route("TLSRoute", "late", "pass", `hostnames: [a.pass.example], ${to("s2")}`)}
${route("TLSRoute", "nowhere", "pass", `hostnames: [no.pass.example], ${to("missing")}`)}
${route("TLSRoute", "other", "pass", `hostnames: [a.example], ${to("s1")}`)}
${route("TLSRoute", "ended", "end", `hostnames: [a.end.example], ${to("t1")}`)}
${route("TLSRoute", "onwards", "end", `hostnames: [s.end.example], ${to("s3")}`)}
${route("TCPRoute", "t", "tcp", to("t1", "t2", "missing"))}
${route("TCPRoute", "tt", "tcp", to("t3"))}
${route("TCPRoute", "wrong", "pass", to("t3"))}
${route("HTTPRoute", "pages", "tcp", "")}
${route("UDPRoute", "u", "udp", to("u1"))}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: s3 }
spec:
  targetRefs: [{ group: "", kind: Service, name: s3 }]
  validation: { hostname: s.end.example, caCertificateRefs: [{ group: "", kind: ConfigMap, name: authority }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: authority }
data: { ca.crt: ${JSON.stringify(pair.certificate)} }
${Object.entries(backends)
  .map(([name, port]) => service(name, port, name.startsWith("u") ? "UDP" : "TCP"))
  .join("")}`;
}

beforeAll(async () => {
  pair = selfSigned(["*.pass.example", "*.end.example"]);
  for (const name of ["t1", "t2", "t3"]) backends[name] = await tcpBackend(name);
  for (const name of ["s1", "s2", "s3"]) backends[name] = await tcpBackend(name, pair);
  backends["u1"] = await udpBackend("u1");
  const tls = await freePort();
  // UDP may have the number of TCP.
  ports = { tls, tcp: await freePort(), udp: tls };
  gateway = createGateway({ preparedFolder: "/nonexistent", logger: loggerTo(() => {}), workers: 1 });
  const { resources, problems } = parse([{ path: "site.yaml", bytes: Buffer.from(site()) }]);
  expect(problems).toEqual([]);
  planned = plan(resources, { components: new Map(), builds: new Map() }, { site: "streams" });
  await gateway.apply(planned.plan.gateway, planned.secrets);
});
afterAll(async () => {
  await gateway?.close();
  for (const end of ends) end();
});

/** Errors come before it, and are no failure of a test. */
const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));

/** What a connection gets for `hello`; undefined: it was closed without a word. */
async function talk(socket: Socket): Promise<string | undefined> {
  let text = "";
  socket.setEncoding("utf8").on("data", (piece) => (text += piece));
  socket.on("error", () => {});
  socket.end("hello");
  await closed(socket);
  return text === "" ? undefined : text;
}

const tls = (servername: string, more: object = {}) =>
  connectTls({ port: ports.tls, host: "127.0.0.1", servername, ca: pair.certificate, ...more });

describe("TLSRoute", () => {
  it.each([
    ["TLSRouteSimpleSameNamespace", "a.pass.example", "s1:hello"],
    ["TLSRouteHostnameIntersection", "b.pass.example", "s2:hello"],
    ["a name in other letters", "A.PASS.example", "s1:hello"],
    ["TLSRouteMixedTerminationSameNamespace", "a.end.example", "t1:hello"],
    ["BackendTLSPolicyTLSRouteTerminate", "s.end.example", "s3:hello"],
    ["TLSRouteInvalidBackendRefNonexistent", "no.pass.example", undefined],
    ["no route of the listener", "b.end.example", undefined],
    ["no listener", "elsewhere.example", undefined],
  ])("%s: %s", async (_test, name, expected) => {
    expect(await talk(tls(name))).toBe(expected);
  });

  it("what passes through is the client's own with the backend", async () => {
    const socket = tls("a.pass.example", { ALPNProtocols: ["mqtt"] });
    await once(socket, "secureConnect");
    expect(socket.alpnProtocol).toBe("mqtt");
    socket.destroy();
  });

  it("a handshake that comes byte by byte, and what comes right behind it, arrive whole", async () => {
    const raw = connect(ports.tls, "127.0.0.1");
    const { Duplex } = await import("node:stream");
    const slow = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        const half = Math.min(40, chunk.length);
        raw.write(chunk.subarray(0, half));
        setTimeout(() => raw.write(chunk.subarray(half), () => done()), 20);
      },
    });
    raw.on("data", (chunk) => slow.push(chunk)).on("end", () => slow.push(null));
    const socket = connectTls({ socket: slow, servername: "a.pass.example", ca: pair.certificate });
    let text = "";
    socket.setEncoding("utf8").on("data", (piece) => (text += piece));
    socket.write("hello");
    await expect.poll(() => text).toBe("s1:hello");
    raw.destroy();
  });

  it.each(["GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001\u0000\u0005\u0002aaaa", "\u0016\u0003\u0001\u00ff\u00ff"])(
    "what is no handshake is closed: %j",
    async (bytes) => {
      const socket = connect(ports.tls, "127.0.0.1");
      socket.on("error", () => {});
      socket.resume().write(bytes, "latin1");
      await closed(socket);
    },
  );
});

describe("TCPRoute", () => {
  it("TCPRouteWeightedRouting, TCPRouteMultipleRoutesAttachment: the oldest route has the port, its backends their shares", async () => {
    const got: (string | undefined)[] = [];
    for (let time = 0; time < 90; time++) got.push(await talk(connect(ports.tcp, "127.0.0.1")));
    expect([...new Set(got)].toSorted()).toEqual(["t1:hello", "t2:hello", undefined]);
  });

  it("large bodies pass in both directions at the pace of their reader, halves end apart", async () => {
    const bytes = Buffer.alloc(8 * 1024 * 1024, "x");
    for (;;) {
      const socket = connect({ port: ports.tcp, host: "127.0.0.1", allowHalfOpen: true });
      let size = 0;
      socket.on("data", (piece) => {
        size += piece.length;
        if (size % 3 === 0) {
          socket.pause();
          setTimeout(() => socket.resume(), 1);
        }
      });
      socket.on("error", () => {});
      socket.end(bytes);
      await closed(socket);
      if (size === 0) continue;
      expect(size).toBe(bytes.length + 3);
      return;
    }
  });
});

it("UDPRouteSimple: datagrams of a client go to one endpoint and its answers come back", async () => {
  const socket = createSocket("udp4");
  const answers: string[] = [];
  socket.on("message", (text) => answers.push(String(text)));
  for (const text of ["one", "two"]) socket.send(text, ports.udp, "127.0.0.1");
  await expect.poll(() => answers.toSorted()).toEqual(["u1:one", "u1:two"]);
  socket.close();
});

describe("conditions", () => {
  const conditionsOf = (kind: string, name: string) =>
    planned.plan.conditions.routes
      .find((each) => each.kind === kind && each.name === name)
      ?.parents[0]?.conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

  it.each([
    ["TLSRoute", "a", "Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"],
    ["TLSRoute", "late", "Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"],
    ["TLSRoute", "nowhere", "Accepted=True Accepted", "ResolvedRefs=False BackendNotFound"],
    ["TLSRoute", "other", "Accepted=False NoMatchingListenerHostname", "ResolvedRefs=True ResolvedRefs"],
    ["TCPRoute", "tt", "Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"],
    ["TCPRoute", "wrong", "Accepted=False NotAllowedByListeners", "ResolvedRefs=True ResolvedRefs"],
    ["HTTPRoute", "pages", "Accepted=False NotAllowedByListeners", "ResolvedRefs=True ResolvedRefs"],
    ["UDPRoute", "u", "Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"],
  ])("%s %s", (kind, name, ...expected) => {
    expect(conditionsOf(kind, name)).toEqual(expected);
  });

  it("listeners say what they take, and how much took them", () => {
    const { listeners = [] } = planned.plan.conditions.gateways[0] ?? {};
    const told = listeners.map(({ name, supportedKinds, attachedRoutes, conditions }) => {
      const conflicted = conditions.find(({ type }) => type === "Conflicted");
      return [name, supportedKinds.map(({ kind }) => kind).join(), attachedRoutes, conflicted?.reason];
    });
    expect(told).toEqual([
      ["pass", "TLSRoute", 4, "NoConflicts"],
      ["end", "TLSRoute", 2, "NoConflicts"],
      ["tcp", "TCPRoute", 2, "NoConflicts"],
      ["udp", "UDPRoute", 1, "NoConflicts"],
      ["pages", "HTTPRoute,GRPCRoute", 0, "ProtocolConflict"],
    ]);
  });
});

it("metrics count what ended, and what nobody took", async () => {
  const text = await gateway.metrics();
  expect(text).toMatch(/bandstand_streams_total\{[^}]*route="TLSRoute\/default\/a"[^}]*code="closed"[^}]*\} [1-9]/);
  expect(text).toMatch(/bandstand_streams_total\{[^}]*code="no-route"[^}]*\} [1-9]/);
  expect(text).toMatch(/bandstand_streams_total\{[^}]*code="unresolved"[^}]*\} [1-9]/);
});
