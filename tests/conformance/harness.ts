import { readFile, readdir } from "node:fs/promises";
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, type Agent } from "node:https";
import { join } from "node:path";
import { selfSigned, type SelfSigned } from "../../src/foundation/certificates/index.ts";
import { loggerTo } from "../../src/foundation/log/index.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { createGateway, type Gateway } from "../../src/gateway/index.ts";
import { plan } from "../../src/gitops/plan/index.ts";
import type { Planned } from "../../src/gitops/plan/input.ts";
import { parse } from "../../src/model/index.ts";
import { startAuthBackend, type AuthBackend } from "./auth-backend.ts";
import { startExtAuthzBackend, type ExtAuthzBackend } from "./ext-authz-backend.ts";
import { startBackend, type Seen, type TestBackend } from "./backend.ts";
import { startGrpcBackend, type GrpcBackend } from "./grpc-backend.ts";
import { startH2cBackend, startTlsBackend, startWireBackend } from "./wire-backend.ts";

export interface Reply {
  status: number;
  /** Values of one name joined by commas, names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** What the backend got, where one answered. */
  seen: Seen | undefined;
  /** The response broke before its end. */
  broken: boolean;
}

export interface Asked {
  host: string;
  path?: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string;
  /** Which of the site's listeners. */
  listener?: "http" | "other" | "https" | "edge";
  /** With TLS, for this name. */
  servername?: string;
  /** Keeps connections; default: one for each request. */
  agent?: Agent;
}

export interface TestSite {
  gateway: Gateway;
  ports: Record<"http" | "other" | "https" | "edge" | "announced" | "guarded", number>;
  backends: Record<string, TestBackend>;
  /** Who authorizes. */
  auth: AuthBackend;
  extAuthz: ExtAuthzBackend;
  /** Of gRPC: g1 to g3, and gt with TLS. */
  grpc: Record<"g1" | "g2" | "g3" | "gt", GrpcBackend>;
  /** Of the HTTPS listeners, by name. */
  certificates: Record<string, SelfSigned>;
  /** Whose certificate guarded listeners take. */
  client: SelfSigned;
  planned: Planned;
  /** Plans the folder again, with other certificates, and switches to it. */
  renew(certificates: Record<string, SelfSigned>): Promise<void>;
  ask(asked: Asked): Promise<Reply>;
  close(): Promise<void>;
}

const digest = `sha256:${"0".repeat(64)}`;

/** Nobody listens there. A free one of the range for everybody could be another test's backend a moment later. */
const closedPort = 1;

/** Reads `site/*.yaml`, starts backends v1 to v3 and a gateway with one worker. */
export async function startSite(): Promise<TestSite> {
  const backends = Object.fromEntries(
    await Promise.all(["v1", "v2", "v3"].map(async (name) => [name, await startBackend(name)] as const)),
  );
  const ports = {
    http: await freePort(),
    other: await freePort(),
    https: await freePort(),
    edge: await freePort(),
    announced: await freePort(),
    guarded: await freePort(),
  };
  const wire = await startWireBackend();
  const h2c = await startH2cBackend();
  const pair = selfSigned(["backend.example", "*.more.example"]);
  const tls = await startTlsBackend(pair);
  const [g1, g2, g3, gt] = await Promise.all([
    startGrpcBackend("g1"),
    startGrpcBackend("g2"),
    startGrpcBackend("g3"),
    startGrpcBackend("gt", pair),
  ]);
  const auth = await startAuthBackend();
  const extAuthz = await startExtAuthzBackend();
  const values: Record<string, number | string> = {
    ...ports,
    closed: closedPort,
    wire: wire.port,
    h2c: h2c.port,
    tls: tls.port,
    g1: g1.port,
    g2: g2.port,
    g3: g3.port,
    gt: gt.port,
    auth: auth.port,
    extAuthz: extAuthz.port,
  };
  const client = selfSigned(["client.example"]);
  values["clientAuthority"] = JSON.stringify(client.certificate);
  values["authority"] = JSON.stringify(pair.certificate);
  values["otherAuthority"] = JSON.stringify(selfSigned(["backend.example"]).certificate);
  for (const [name, backend] of Object.entries(backends)) values[name] = backend.port;
  const gateway = createGateway({
    preparedFolder: "/nonexistent",
    logger: loggerTo(() => {}),
    workers: 1,
    componentModule: new URL("components.ts", import.meta.url).href,
  });
  const folder = join(import.meta.dirname, "site");
  const close = async (): Promise<void> => {
    await gateway.close();
    await Promise.all(
      [wire, h2c, tls, g1, g2, g3, gt, auth, extAuthz, ...Object.values(backends)].map((backend) => backend.close()),
    );
  };
  const serve = async (certificates: Record<string, SelfSigned>): Promise<Planned> => {
    const planned = await planFolder(folder, { ...values, ...encoded(certificates) });
    await gateway.apply(planned.plan.gateway, planned.secrets);
    return planned;
  };
  const certificates = {
    any: selfSigned(["example.org"]),
    named: selfSigned(["second-example.org"]),
    wildcard: selfSigned(["*.wildcard.org"]),
    // What Gateways show backends.
    shownOne: selfSigned(["one.gateway"]),
    shownTwo: selfSigned(["two.gateway"]),
  };
  return {
    gateway,
    ports,
    backends,
    grpc: { g1, g2, g3, gt },
    auth,
    extAuthz,
    certificates,
    client,
    planned: await serve(certificates),
    renew: async (changed) => void (await serve({ ...certificates, ...changed })),
    ask: (asked) => ask(ports[asked.listener ?? "http"], asked),
    close,
  };
}

/** `data` of the Secrets. */
function encoded(certificates: Record<string, SelfSigned>): Record<string, string> {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return Object.fromEntries(
    Object.entries(certificates).flatMap(([name, { certificate, key }]) => [
      [`${name}Certificate`, base64(certificate)],
      [`${name}Key`, base64(key)],
    ]),
  );
}

async function planFolder(folder: string, values: Record<string, number | string>): Promise<Planned> {
  const names = (await readdir(folder)).toSorted();
  const files = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8");
      const filled = text.replace(/__(\w+?)__/g, (_whole, key: string) => String(values[key]));
      return { path: name, bytes: Buffer.from(filled) };
    }),
  );
  const { resources, problems } = parse(files);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0)
    throw new Error(errors.map(({ file, line, message }) => `${file}:${line}: ${message}`).join("\n"));
  const components = new Map(
    [...resources]
      .filter(({ kind }) => kind === "WasmComponent")
      .map(({ metadata }) => [`default/${metadata.name}`, { digest }] as const),
  );
  return plan(resources, { components, builds: new Map() }, { site: "conformance" });
}

function ask(port: number, { host, path = "/", method = "GET", headers = {}, body, ...tls }: Asked): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let response: IncomingMessage | undefined;
    let text = "";
    const finish = (broken: boolean): void => {
      const seen = seenIn(text);
      resolve({ status: response?.statusCode ?? 0, headers: joined(response), body: text, seen, broken });
    };
    const { servername, agent = false } = tls;
    const options = { host: "127.0.0.1", port, method, path, headers: { host, ...headers }, agent };
    const sent: ClientRequest =
      servername === undefined
        ? httpRequest({ ...options, agent: false })
        : httpsRequest({ ...options, servername, rejectUnauthorized: false });
    sent.on("response", (incoming) => {
      response = incoming.setEncoding("latin1");
      incoming.on("data", (piece: string) => (text += piece));
      incoming.on("end", () => finish(!incoming.complete));
      incoming.on("error", () => finish(true));
    });
    // A reset after the head comes as an error of the request too.
    sent.on("error", (error) => (response === undefined ? reject(error) : finish(true)));
    sent.end(body);
  });
}

function joined(response: IncomingMessage | undefined): Record<string, string> {
  const all = Object.entries(response?.headersDistinct ?? {});
  return Object.fromEntries(all.map(([name, values]) => [name, (values ?? []).join(",")]));
}

function seenIn(text: string): Seen | undefined {
  try {
    const value = JSON.parse(text) as Partial<Seen>;
    return value.backend === undefined ? undefined : (value as Seen);
  } catch {
    return undefined;
  }
}
