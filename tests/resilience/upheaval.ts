import { readdirSync } from "node:fs";
import { createServer, request as httpRequest, Agent, type Server } from "node:http";
import { request as httpsRequest, Agent as SecureAgent, type RequestOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { selfSigned } from "../../src/foundation/certificates/index.ts";
import { loggerTo } from "../../src/foundation/log/index.ts";
import { createGateway, type Gateway } from "../../src/gateway/index.ts";
import { component, planOf, rule, toComponent, toService } from "../../src/gateway/workers/testing/plans.ts";
import type { Endpoint, GatewayPlan, SecretRef } from "../../src/model/plan/index.ts";

export interface UpheavalOptions {
  requests: number;
  clients: number;
  /** Milliseconds between two reloads, each with a new certificate; two restarts of a pod; two ends of a worker. */
  reload: number;
  restart: number;
  kill: number;
}

export interface UpheavalReport {
  requests: number;
  seconds: number;
  reloads: number;
  restarts: number;
  kills: number;
  /** Requests whose connection broke, as it does with a worker that ends, and that were answered when sent again. */
  again: number;
  /** Requests that got another answer than they should, or none however often they were sent. */
  failed: string[];
  /** MiB and open files along the way. */
  memory: number[];
  files: number[];
}

/** A pod: a server that says its name. `leave` ends as pods do; `crash` as they sometimes do. */
class Pod {
  readonly endpoint: Endpoint;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.endpoint = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  }

  static async start(): Promise<Pod> {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      request.resume();
      response.end("pod");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Pod(server);
  }

  leave(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  crash(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/**
 * A gateway with two workers under requests, while its plan is applied anew, its certificate renewed, its pods leave and
 * crash, and its workers end. Whatever a client or the gateway may send again must be answered.
 */
export async function upheaval(options: UpheavalOptions): Promise<UpheavalReport> {
  const gateway = createGateway({
    preparedFolder: "/nonexistent",
    logger: loggerTo(() => {}),
    workers: 2,
    componentModule: new URL("../../src/gateway/workers/testing/components.ts", import.meta.url).href,
  });
  const report: UpheavalReport = {
    requests: 0,
    seconds: 0,
    reloads: 0,
    restarts: 0,
    kills: 0,
    again: 0,
    failed: [],
    memory: [],
    files: [],
  };
  const pods = await Promise.all([Pod.start(), Pod.start(), Pod.start()]);
  const show = (): void => gateway.updateEndpoints({ "default/s:80": pods.map(({ endpoint }) => endpoint) });
  const began = performance.now();
  try {
    show();
    await reload(gateway, 0);
    const stop = new AbortController();
    const every = async (milliseconds: number, act: () => Promise<void>): Promise<void> => {
      while (!stop.signal.aborted) {
        await sleep(milliseconds, undefined, { signal: stop.signal }).catch(() => {});
        if (!stop.signal.aborted) await act();
      }
    };
    const disturbances = [
      every(options.reload, async () => {
        await reload(gateway, ++report.reloads);
        report.memory.push(process.memoryUsage().rss / 2 ** 20);
        report.files.push(readdirSync("/proc/self/fd").length);
      }),
      every(options.restart, async () => {
        const next = await Pod.start();
        const old = pods.shift();
        pods.push(next);
        if (++report.restarts % 2 === 0) old?.crash();
        show();
        old?.leave();
      }),
      every(options.kill, async () => {
        // Where both are gone at a time nobody is there to answer: that is a slow machine's doing, not the gateway's.
        if (!gateway.state().workers.every(({ ready }) => ready)) return;
        await ask(gateway, "/exit", false, undefined).catch(() => report.kills++);
      }),
    ];
    await Promise.all(Array.from({ length: options.clients }, (_, number) => client(gateway, options, report, number)));
    stop.abort();
    await Promise.all(disturbances);
  } finally {
    await gateway.close();
    for (const pod of pods) pod.crash();
  }
  report.seconds = (performance.now() - began) / 1000;
  return report;
}

async function reload(gateway: Gateway, round: number): Promise<void> {
  const { certificate, key } = selfSigned(["localhost"]);
  const refOf = (name: string): SecretRef => ({
    namespace: "default",
    name: "tls",
    key: name,
    hash: round.toString(16).padStart(16, "0"),
  });
  const plan: GatewayPlan = planOf(
    [
      rule("/exit", toComponent("exit")),
      rule("/component", toComponent("good"), { timeouts: { request: 10_000 + round } }),
      rule("/", toService()),
    ],
    {
      components: [component("exit"), component("good", { round: { value: String(round >> 2) } })],
      services: [{ id: "default/s:80", protocol: "http", source: "engine", endpoints: [] }],
    },
    gateway.state().listeners.length === 0 ? [0, 0] : gateway.state().listeners.map(({ port }) => port),
  );
  const secure = plan.listeners[1];
  if (secure === undefined) throw new Error("the plan has no second listener");
  secure.protocol = "HTTPS";
  secure.certificates = [{ certificate: refOf("tls.crt"), key: refOf("tls.key") }];
  const secrets = new Map([
    ["default/tls/tls.crt", Buffer.from(certificate)],
    ["default/tls/tls.key", Buffer.from(key)],
  ]);
  await gateway.apply(plan, secrets);
}

/** Each client has a manner: kept connections or a new one each time, in clear text or by TLS. */
async function client(
  gateway: Gateway,
  options: UpheavalOptions,
  report: UpheavalReport,
  number: number,
): Promise<void> {
  const secure = number % 3 === 2;
  const kept = number % 2 === 0;
  const agent = kept ? new (secure ? SecureAgent : Agent)({ keepAlive: true, maxSockets: 1 }) : undefined;
  while (report.requests < options.requests) {
    const turn = report.requests++;
    const path = turn % 2 === 0 ? "/pod" : "/component";
    for (let attempt = 0; ; attempt++) {
      try {
        const { status, text } = await ask(gateway, path, secure, agent);
        if (status !== 200) report.failed.push(`${path}: ${status} ${text}`);
        else if (attempt > 0) report.again++;
        break;
      } catch (error) {
        if (attempt === 20) {
          report.failed.push(`${path}: ${String(error)}`);
          break;
        }
        await sleep(50 * attempt);
      }
    }
  }
  agent?.destroy();
}

interface Answer {
  /** 0: it is not whole. */
  status: number;
  text: string;
}

/** Rejects where the connection broke. */
function ask(gateway: Gateway, path: string, secure: boolean, agent: Agent | undefined): Promise<Answer> {
  const listener = gateway.state().listeners[secure ? 1 : 0];
  const send = secure ? httpsRequest : httpRequest;
  const own = { agent: agent ?? false, rejectUnauthorized: false };
  const options: RequestOptions = { host: "127.0.0.1", port: listener?.port, path, ...own };
  return new Promise((resolve, reject) => {
    const sent = send(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response
        .on("end", () => resolve({ status: response.complete ? (response.statusCode ?? 0) : 0, text }))
        .on("error", reject);
    });
    sent.setTimeout(30_000, () => sent.destroy(new Error("no answer within 30 s")));
    sent.on("error", reject).end();
  });
}
