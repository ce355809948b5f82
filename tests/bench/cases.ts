import * as peers from "./peers.ts";
import type { Server } from "./process.ts";
import { bandstand, type BenchComponent } from "./site.ts";

/** One row of the table. `start` answers undefined where a peer is not installed. */
export interface Case {
  name: string;
  /** Name of the case that this one is compared with. */
  against: string;
  /** The least ratio to it that the project asks of itself. */
  reach?: number;
  /** Other cases that it must be so many times as fast as. */
  beside?: { name: string; reach: number }[];
  /** What the load sends beside its usual headers. */
  headers?: string[];
  /** A file of wrk's in Lua that makes other requests than GET. */
  script?: string;
  start(folder: string, port: number, backendPort: number): Promise<Server | undefined>;
}

const helloC = (name: string, isolation: "request" | "reuse"): BenchComponent => ({
  name,
  guest: "hello-c",
  isolation,
});
const passThrough = (name: string): BenchComponent => ({ name, guest: "middleware-c", isolation: "request" });

/** `wasmtime serve` with a component of ours. Without `reuse` it does what it does by itself. */
const wasmtime = (what: string, guest: string, more: { reuse?: number; script?: string } = {}): Case => ({
  name: `${wasmtimeName}, ${what}`,
  against: "bare Node http",
  ...(more.script && { script: more.script }),
  start: (folder, port) => peers.wasmtime(folder, port, guest, more.reuse),
});

/** What all cases of that peer begin with. */
export const wasmtimeName = "wasmtime serve";

export const cases: Case[] = [
  { name: "bare Node http", against: "bare Node http", start: (folder, port) => peers.bareNode(folder, port) },
  { name: "nginx", against: "bare Node http", start: (folder, port) => peers.nginxHello(folder, port) },
  { name: "nginx + njs", against: "bare Node http", start: (folder, port) => peers.nginxScript(folder, port) },
  {
    name: "C hello, reused",
    against: "bare Node http",
    reach: 0.9,
    beside: [{ name: "wasmtime serve, C hello, reused", reach: 1.4 }],
    start: (folder, port) =>
      bandstand(folder, port, {
        name: "reused",
        components: [helloC("hello", "reuse")],
        backend: { component: "hello" },
      }),
  },
  wasmtime("C hello, reused", "hello-c", { reuse: 1_000_000_000 }),
  {
    name: "C hello, fresh state a request",
    against: "bare Node http",
    reach: 0.8,
    beside: [{ name: "wasmtime serve, C hello", reach: 5 }],
    start: (folder, port) =>
      bandstand(folder, port, {
        name: "fresh",
        components: [helloC("hello", "request")],
        backend: { component: "hello" },
      }),
  },
  wasmtime("C hello", "hello-c"),
  {
    name: "C, reads five headers and writes three, fresh state a request",
    against: "bare Node http",
    reach: 0.65,
    headers: ["accept: text/plain", "user-agent: bench/1.0", "x-request-id: 0123456789abcdef", "x-user: somebody"],
    start: (folder, port) =>
      bandstand(folder, port, {
        name: "headers",
        components: [{ name: "hello", guest: "headers-c", isolation: "request" }],
        backend: { component: "hello" },
      }),
  },
  {
    name: "TypeScript, 3 kB of JSON in and out, fresh state a request",
    against: "bare Node http",
    script: "json.lua",
    beside: [{ name: "wasmtime serve, TypeScript, 3 kB of JSON", reach: 2.5 }],
    start: (folder, port) =>
      bandstand(folder, port, {
        name: "json",
        components: [{ name: "hello", guest: "json-typescript", isolation: "request" }],
        backend: { component: "hello" },
      }),
  },
  wasmtime("TypeScript, 3 kB of JSON", "json-typescript", { script: "json.lua" }),
  {
    name: "TypeScript hello, fresh state a request",
    against: "bare Node http",
    beside: [{ name: "wasmtime serve, TypeScript hello", reach: 4 }],
    start: (folder, port) =>
      bandstand(folder, port, {
        name: "typescript",
        components: [{ name: "hello", guest: "hello-typescript", isolation: "request" }],
        backend: { component: "hello" },
      }),
  },
  wasmtime("TypeScript hello", "hello-typescript"),
  {
    name: "three middlewares + C hello, fresh state each",
    against: "bare Node http",
    reach: 0.6,
    start: (folder, port) =>
      bandstand(folder, port, {
        name: "middlewares",
        components: [passThrough("one"), passThrough("two"), passThrough("three"), helloC("hello", "request")],
        middlewares: ["one", "two", "three"],
        backend: { component: "hello" },
      }),
  },
  {
    name: "WASI 0.3 hello, fresh state a request",
    against: "bare Node http",
    reach: 0.6,
    beside: [{ name: "wasmtime serve, WASI 0.3 hello, an instance a request", reach: 1 }],
    start: (folder, port) =>
      bandstand(folder, port, {
        name: "service",
        components: [{ name: "hello", guest: "wasi3/hello", isolation: "request" }],
        backend: { component: "hello" },
      }),
  },
  wasmtime("WASI 0.3 hello", "wasi3/hello"),
  wasmtime("WASI 0.3 hello, an instance a request", "wasi3/hello", { reuse: 1 }),
  {
    name: "WASI 0.3 middleware + hello, fresh state each",
    against: "bare Node http",
    reach: 0.6,
    start: (folder, port) =>
      bandstand(folder, port, {
        name: "service-middleware",
        components: [
          { name: "pass", guest: "wasi3/middleware", isolation: "request" },
          { name: "hello", guest: "wasi3/hello", isolation: "request" },
        ],
        middlewares: ["pass"],
        backend: { component: "hello" },
      }),
  },
  {
    name: "nginx proxy",
    against: "nginx proxy",
    start: (folder, port, backendPort) => peers.nginxProxy(folder, port, backendPort),
  },
  {
    name: "proxy to a Service",
    against: "nginx proxy",
    reach: 0.8,
    start: (folder, port, backendPort) =>
      bandstand(folder, port, { name: "proxy", components: [], backend: { port: backendPort } }),
  },
  {
    name: "proxy to a Service, access log on",
    against: "nginx proxy",
    start: (folder, port, backendPort) =>
      bandstand(folder, port, { name: "proxy-log", components: [], backend: { port: backendPort } }, [
        "--access-log",
        "all",
      ]),
  },
  {
    name: "proxy to a Service, headers of request and response changed",
    against: "nginx proxy",
    reach: 0.8,
    start: (folder, port, backendPort) =>
      bandstand(folder, port, {
        name: "proxy-filters",
        components: [],
        filters: [
          "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-One, value: one}], remove: [X-Two]}}",
          "{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: X-Three, value: three}], remove: [Server]}}",
        ],
        backend: { port: backendPort },
      }),
  },
  {
    name: "proxy to a Service, a limit of requests",
    against: "nginx proxy",
    reach: 0.8,
    start: (folder, port, backendPort) =>
      bandstand(folder, port, {
        name: "proxy-limit",
        components: [],
        backend: { port: backendPort },
        more: `---
apiVersion: bandstand.dev/v1alpha1
kind: BandstandPolicy
metadata: {name: clients}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: route}]
  rateLimits: [{name: all, by: {type: ClientAddress}, requests: 1000000, per: 1s}]
`,
      }),
  },
];
