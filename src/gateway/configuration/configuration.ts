import { BandstandError } from "../../foundation/errors/index.ts";
import type {
  BackendTarget,
  ClientsPlan,
  ComponentPlan,
  Compression,
  GatewayPlan,
  ListenerPlan,
  SecretValues,
  StreamRoutePlan,
} from "../../model/plan/index.ts";
import type { LoadedComponent } from "../../wasm/runtime.ts";
import { componentBackend } from "../backend/component.ts";
import { serviceBackend } from "../backend/service.ts";
import {
  compileClients,
  compileErrorPages,
  compileRule,
  trusting,
  withCompression,
  type ChainParts,
  type Coders,
  type CompiledRule,
  type ErrorPages,
  type Tries,
} from "../chain/index.ts";
import { defaultLimits } from "../listener/http1/limits.ts";
import { ServerNames } from "../listener/tls/server-names.ts";
import { HostTable, hostOf, Matcher } from "../match/index.ts";
import type { Components } from "./components.ts";
import { ReachedServices } from "./reached.ts";
import { valueOf } from "./secret-values.ts";
import type { ReachedService, Services } from "./services.ts";
import { StreamTable } from "../streams/table.ts";
import type { StreamTarget } from "../streams/targets.ts";

/** What configurations of one thread share. */
export interface Shared {
  components: Components;
  services: Services;
  sessionKey: Uint8Array;
  /** What tickets of TLS sessions are sealed with at this moment, in all threads. */
  ticketKeys: () => Buffer;
  coders: Coders;
  /** Puts limits of requests before a stage. */
  limit: ChainParts["limit"];
}

/** What a listening socket is found by: where it listens and what it speaks. */
export function socketKey({ address, port, protocol }: ListenerPlan): string {
  return `${protocol} ${address}:${port}`;
}

/** A plan, compiled: nothing on the request path reads it again. In use until the last request on it ended. */
export class Configuration {
  readonly plan: GatewayPlan;
  readonly #streams = new Map<string, StreamTable>();
  readonly #matchers = new Map<string, Matcher<CompiledRule>>();
  readonly #names = new Map<string, ServerNames>();
  readonly #proxies = new Map<string, (address: string) => boolean>();
  readonly #bodyRates = new Map<string, number>();
  readonly #pages = new Map<string, HostTable<ErrorPages>>();
  readonly #shared: Shared;
  readonly #services: ReachedServices;
  #active = 0;
  #retired = false;

  private constructor(plan: GatewayPlan, secrets: SecretValues, shared: Shared) {
    this.plan = plan;
    this.#shared = shared;
    this.#services = new ReachedServices(shared.services, plan, secrets);
  }

  /** Builds all of it or throws, leaving nothing behind. */
  static async build(plan: GatewayPlan, secrets: SecretValues, shared: Shared): Promise<Configuration> {
    const components = await shared.components.take(plan.components, secrets);
    const configuration = new Configuration(plan, secrets, shared);
    try {
      configuration.#loadCertificates(secrets);
      configuration.#compile(components);
      return configuration;
    } catch (error) {
      configuration.retire();
      throw error;
    }
  }

  /** The matcher for a listening socket, by `socketKey`. */
  matcher(key: string): Matcher<CompiledRule> | undefined {
    return this.#matchers.get(key);
  }

  /** Where connections and datagrams of a listening socket go, by `socketKey`. */
  streams(key: string): StreamTable | undefined {
    return this.#streams.get(key);
  }

  /** The certificates of a listening socket, by `socketKey`. */
  names(key: string): ServerNames | undefined {
    return this.#names.get(key);
  }

  /** Who begins connections to a listening socket with the PROXY protocol, by `socketKey`; undefined: nobody. */
  proxies(key: string): ((address: string) => boolean) | undefined {
    return this.#proxies.get(key);
  }

  /** Bytes a second that bodies come with at least on a listening socket, by `socketKey`; undefined: the default. */
  bodyRate(key: string): number | undefined {
    return this.#bodyRates.get(key);
  }

  /** Pages for our own answers to requests for a host; undefined: there are none. */
  pages(key: string, authority: string): ErrorPages | undefined {
    return this.#pages.get(key)?.find(hostOf(authority), (pages) => pages);
  }

  /** The services that its requests may go to. */
  get services(): readonly ReachedService[] {
    return this.#services.taken;
  }

  /** A request begins on it. */
  enter(): void {
    this.#active++;
  }

  /** A request ended, with its body. */
  leave(): void {
    this.#active--;
    if (this.#retired && this.#active === 0) this.#release();
  }

  /** It takes no new requests: what only it used is closed after the last one. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    if (this.#active === 0) this.#release();
  }

  #release(): void {
    this.#shared.components.release(this.plan.components);
    this.#services.release();
  }

  #addPages(key: string, listeners: ListenerPlan[]): void {
    if (listeners.every(({ errorPages }) => errorPages === undefined)) return;
    const table = new HostTable<ErrorPages>();
    for (const { hostname, errorPages = [] } of listeners)
      table.getOrAdd(hostname, () => compileErrorPages(errorPages));
    this.#pages.set(key, table);
  }

  #loadCertificates(secrets: SecretValues): void {
    const secure = this.plan.listeners.filter(({ certificates }) => certificates !== undefined);
    if (secure.length === 0) return;
    for (const [key, listeners] of Map.groupBy(secure, socketKey)) {
      const named = listeners.map(({ hostname, certificates = [], clientCertificates }) => ({
        hostname,
        clients: clientCertificates,
        pairs: certificates.map((pair) => ({
          certificate: valueOf(pair.certificate, secrets),
          key: valueOf(pair.key, secrets),
        })),
      }));
      this.#names.set(key, new ServerNames(named, this.#shared.ticketKeys));
    }
  }

  #compile(components: ReadonlyMap<string, LoadedComponent>): void {
    const rules = new Map<string, Map<unknown, CompiledRule>>();
    const parts = new Map<string, ChainParts>();
    for (const [key, listeners] of Map.groupBy(this.plan.listeners, socketKey)) {
      const announcing = listeners.flatMap(({ clients }) => (clients?.proxyProtocol ? clients.trustedProxies : []));
      if (announcing.length > 0) this.#proxies.set(key, trusting(announcing));
      if (listeners.some(({ protocol }) => !protocol.startsWith("HTTP"))) {
        this.#streams.set(
          key,
          new StreamTable(listeners, this.plan.streams ?? [], (...of) => this.#streamTarget(...of)),
        );
        continue;
      }
      const matcher = new Matcher<CompiledRule>(listeners, this.plan.routes, (route, rule, listener) => {
        const { rateLimits = [], clients, compression, backendCertificate } = listener;
        const shown = backendCertificate === undefined ? "" : JSON.stringify(backendCertificate);
        const led = parts.getOrInsertComputed(shown, () => this.#partsOf(components, backendCertificate));
        // A rule on several sockets is one rule: one session, one share of the weights.
        const known = rules.getOrInsertComputed(`${rateLimits.map(({ id }) => id).join()} ${shown}`, () => new Map());
        const compiled = known.getOrInsertComputed(rule, () => compileRule(route, rule, rateLimits, led));
        return onListener(compiled, clients, route.compression ?? compression ?? [], this.#shared.coders);
      });
      this.#matchers.set(key, matcher);
      this.#addPages(key, listeners);
      const rates = listeners.map(({ clients }) => clients?.minimumBodyRate ?? defaultLimits.bodyRate);
      this.#bodyRates.set(key, Math.min(...rates));
    }
  }

  /** Undefined: nothing is sent there. */
  #streamTarget(
    route: string,
    { target }: StreamRoutePlan["backends"][number],
    { passthrough, backendCertificate }: ListenerPlan,
  ): StreamTarget | undefined {
    if (target.type === "Unresolved") return undefined;
    const found = this.#services.reach(target.service, passthrough ? undefined : backendCertificate);
    if (found === undefined || "reason" in found) return undefined;
    const { upstream, tls } = found;
    return { route, backend: `Service/${target.service}`, upstream, tls: passthrough ? undefined : tls };
  }

  /** What chains lead to that begin at listeners with this certificate. */
  #partsOf(
    components: ReadonlyMap<string, LoadedComponent>,
    certificate: ListenerPlan["backendCertificate"],
  ): ChainParts {
    const { sessionKey, limit } = this.#shared;
    const plans = new Map<string, ComponentPlan>(this.plan.components.map((component) => [component.id, component]));
    return {
      sessionKey,
      limit,
      component(id) {
        const loaded = components.get(id);
        return loaded === undefined ? undefined : { loaded, identityHeaders: plans.get(id)?.identityHeaders ?? [] };
      },
      backend: (target, tries) =>
        backendOf(target, tries, components, (id, protocol) => this.#services.find(id, protocol, certificate)),
    };
  }
}

/** A rule as one listener serves it. */
function onListener(
  rule: CompiledRule,
  clients: ClientsPlan | undefined,
  compression: readonly Compression[],
  coders: Coders,
): CompiledRule {
  if (clients === undefined && compression.length === 0) return rule;
  return {
    ...rule,
    entry: { ...rule.entry, clients: clients && compileClients(clients) },
    stage: compression.length === 0 ? rule.stage : withCompression(compression, coders, rule.stage),
  };
}

function backendOf(
  target: BackendTarget,
  tries: Tries,
  components: ReadonlyMap<string, LoadedComponent>,
  service: (id: string, protocol: "h2c" | undefined) => ReturnType<ReachedServices["find"]>,
): ReturnType<ChainParts["backend"]> {
  let reason = target.type === "Unresolved" ? target.reason : `${JSON.stringify(target)} is not in the plan`;
  if (target.type === "Component") {
    const loaded = components.get(target.component);
    if (loaded !== undefined) {
      return { name: `WasmComponent/${target.component}`, stage: componentBackend(loaded), endpoints: undefined };
    }
  } else if (target.type === "Service") {
    const upstream = service(target.service, target.protocol);
    if (upstream !== undefined && "reason" in upstream) ({ reason } = upstream);
    else if (upstream !== undefined) {
      return {
        name: `Service/${target.service}`,
        stage: serviceBackend(upstream, tries),
        endpoints: () => upstream.endpoints(),
      };
    }
  }
  const stage = (): never => {
    throw new BandstandError("backend-unresolved", reason);
  };
  return { name: "", stage, endpoints: undefined };
}
