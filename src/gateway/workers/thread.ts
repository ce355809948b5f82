import { BandstandError, failureOf } from "../../foundation/errors/index.ts";
import type { HttpResponse } from "../../foundation/http/index.ts";
import { loggerTo, type Logger } from "../../foundation/log/index.ts";
import type { MetricSnapshot } from "../../foundation/metrics/index.ts";
import { turnGoesOn } from "../../foundation/time/turns.ts";
import type { ComponentPlan, EndpointTable, GatewayPlan, RateLimitPlan, SecretValues } from "../../model/plan/index.ts";
import { AccessLog } from "../access-log/access-log.ts";
import { answerFor, coderBytes, Coders } from "../chain/index.ts";
import { Components, type ComponentSource } from "../configuration/components.ts";
import { Configuration, socketKey, type Shared } from "../configuration/configuration.ts";
import { Refusals } from "../configuration/refusals.ts";
import { serve, tooMuch, type Records } from "../configuration/serve.ts";
import { Services } from "../configuration/services.ts";
import { Sockets, type SocketHandler } from "../listener/sockets.ts";
import { GatewayMetrics } from "../metrics/metrics.ts";
import { withRateLimits } from "../rate-limit/limit.ts";
import { RateTable } from "../rate-limit/table.ts";
import { outboundFetch } from "../upstream/outbound/fetch.ts";
import type { Origins } from "../upstream/outbound/origin.ts";
import type { StreamTable } from "../streams/table.ts";
import { EndpointPools } from "../upstream/pools.ts";
import type { Calls, FromWorker, ToWorker, WorkerSettings } from "./protocol.ts";

/** Requests on a listener that a reload took away may go on for so long. Milliseconds. */
const removedListener = 30_000;

/** Requests under way in one thread, long-lived ones among them. */
const mostRequests = 50_000;

/** Of a connection that came when its listener went. */
const goingAway = { route: "", reason: "no-route" } as const;

/** All that one worker thread holds: sockets, the configuration that serves, and the one that is being built. */
export class GatewayThread {
  readonly #post: (message: FromWorker) => void;
  readonly #records: Records;
  readonly #refusals: Refusals;
  readonly #pools: EndpointPools;
  readonly #services: Services;
  readonly #shared: Shared;
  readonly #sockets: Sockets;
  #ticketKeys: Buffer;
  #current: Configuration | undefined;
  #built: Configuration | undefined;
  /** Sockets that only the built configuration has. */
  #opened = new Set<string>();

  constructor(settings: WorkerSettings, source: ComponentSource, post: (message: FromWorker) => void) {
    this.#post = post;
    const logger: Logger = loggerTo((line) => post({ type: "log", line }), {
      minimum: settings.debug ? "debug" : "info",
    });
    const metrics = new GatewayMetrics();
    const accessLog = new AccessLog(
      settings.accessLog,
      (lines) => post({ type: "access", lines }),
      (count) => metrics.accessLost.add(count),
    );
    this.#records = { metrics, accessLog, logger };
    this.#refusals = new Refusals(this.#records);
    this.#pools = new EndpointPools({}, settings.workers);
    this.#services = new Services(this.#pools, { events: this.#records.metrics.care, workers: settings.workers });
    const fetchFor = outboundFetch(
      (id) => this.#services.get(id),
      lazyOrigins,
      ({ id }, origin, isNews) => {
        this.#records.metrics.unlisted(id);
        if (isNews)
          logger.warnOnce("a component sends to what its capabilities do not list", { component: id, origin });
      },
    );
    this.#ticketKeys = Buffer.from(settings.ticketKeys);
    const rates = new RateTable(settings.rates);
    this.#shared = {
      components: new Components(source, logger, fetchFor, (loaded) => post({ type: "loaded", ...loaded })),
      services: this.#services,
      sessionKey: settings.sessionKey,
      ticketKeys: () => this.#ticketKeys,
      coders: new Coders(coderBytes(settings.workers)),
      limit: (plans, route, next) => {
        const refused = ({ id }: RateLimitPlan): void => {
          this.#records.metrics.rateLimited(route, id.slice(0, id.indexOf("@")));
        };
        return withRateLimits(plans, rates, refused, next);
      },
    };
    const handler: SocketHandler = {
      handle: (key, port, request, exchange) => {
        turnGoesOn(exchange.started);
        const configuration = this.#configurationFor(key);
        if (this.#records.metrics.inFlight.value >= mostRequests) return this.#shed();
        if (configuration === undefined) throw new BandstandError("draining", "this listener is going away");
        return serve(configuration, key, port, this.#records, request, exchange);
      },
      destination: (key, name, terminated) => this.#streamsFor(key)?.find(name, terminated) ?? goingAway,
      datagrams: (key) => this.#streamsFor(key)?.any() ?? goingAway,
      streamed: ({ route, backend = "" }, code) => this.#records.metrics.streamed(route, backend, code),
      names: (key) => this.#configurationFor(key)?.names(key),
      proxies: (key) => this.#configurationFor(key)?.proxies(key),
      bodyRate: (key) => this.#configurationFor(key)?.bodyRate(key),
      refuse: (error, exchange, asked, handled = false) => {
        if (!handled) this.#refusals.add(error, exchange, asked);
        return answerFor(error, exchange.id);
      },
      broke: (error) =>
        this.#records.logger.debug("a connection ended early", { code: error.code, error: error.message }),
    };
    this.#sockets = new Sockets(handler, settings.workers);
  }

  /** Acts on a message and posts what came of it. */
  async receive(message: ToWorker): Promise<void> {
    if (message.type === "endpoints") return this.#updateEndpoints(message.table);
    if (message.type === "ticketKeys") return void (this.#ticketKeys = Buffer.from(message.keys));
    const { id } = message;
    try {
      this.#post({ type: "result", id, result: await this.#call(message) });
    } catch (error) {
      this.#post({ type: "failure", id, failure: failureOf(error) });
    }
  }

  #call(message: Extract<ToWorker, { type: "call" }>): Promise<unknown> | unknown {
    switch (message.name) {
      case "build":
        return this.#build(message.parameters.plan, message.parameters.secrets);
      case "open":
        return this.#open();
      case "activate":
        return this.#activate();
      case "discard":
        return this.#discard();
      case "metrics":
        return this.#metrics() satisfies Calls["metrics"]["result"];
      case "drain":
        return this.#drain(message.parameters.milliseconds);
      case "ping":
        return undefined;
    }
  }

  /** A socket of the new configuration serves it before the others are switched: there is no old one for it. */
  #configurationFor(key: string): Configuration | undefined {
    return this.#opened.has(key) ? this.#built : this.#current;
  }

  #streamsFor(key: string): StreamTable | undefined {
    return this.#configurationFor(key)?.streams(key);
  }

  async #build(plan: GatewayPlan, secrets: SecretValues): Promise<void> {
    this.#built?.retire();
    this.#built = undefined;
    this.#built = await Configuration.build(plan, secrets, this.#shared);
  }

  async #open(): Promise<void> {
    for (const listener of this.#built?.plan.listeners ?? []) {
      const key = socketKey(listener);
      if (this.#sockets.has(key)) continue;
      this.#opened.add(key);
      try {
        await this.#sockets.open(key, listener);
      } catch (error) {
        this.#opened.delete(key);
        throw error;
      }
    }
  }

  #activate(): void {
    const built = this.#built;
    if (built === undefined) throw new BandstandError("internal", "there is no configuration to activate");
    const before = this.#current;
    this.#services.activate(built.services);
    this.#current = built;
    this.#built = undefined;
    this.#opened.clear();
    const wanted = new Set(built.plan.listeners.map(socketKey));
    for (const key of this.#sockets.keys()) if (!wanted.has(key)) void this.#sockets.close(key, removedListener);
    before?.retire();
  }

  async #discard(): Promise<void> {
    const opened = [...this.#opened];
    await Promise.all(opened.map((key) => this.#sockets.close(key, 0)));
    this.#opened.clear();
    this.#built?.retire();
    this.#built = undefined;
  }

  /** As little work as can be: what it costs is missing for requests that are served. */
  #shed(): HttpResponse {
    this.#records.metrics.shed.value++;
    this.#records.metrics.answered("", "", 503, 0);
    return tooMuch;
  }

  #metrics(): MetricSnapshot[] {
    return this.#records.metrics.snapshot({
      connections: this.#sockets.connections,
      refused: this.#sockets.refused,
      backendConnections: this.#pools.connections,
      unavailable: this.#services.unavailable(),
    });
  }

  #updateEndpoints(table: EndpointTable): void {
    this.#services.update(table, [...(this.#current?.services ?? []), ...(this.#built?.services ?? [])]);
  }

  async #drain(milliseconds: number): Promise<void> {
    await this.#sockets.drain(milliseconds);
    this.#records.accessLog.flush();
    this.#current?.retire();
    this.#current = undefined;
  }
}

/** By the authorities that they trust. */
const origins = new Map<string, Origins | Promise<Origins>>();

/** The client for other hosts is loaded with the first request to one: most sites never send any. */
function lazyOrigins({ authorities = [] }: ComponentPlan): Origins | Promise<Origins> {
  const key = authorities.length === 0 ? "" : authorities.join("\n");
  let found = origins.get(key);
  if (found === undefined) {
    found = import("../upstream/outbound/origin.ts").then((module) => {
      const made = new module.Origins(authorities);
      origins.set(key, made);
      return made;
    });
    origins.set(key, found);
  }
  return found;
}
