import type { ContainerLogLine, Engine } from "../../containers/engine.ts";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { Problem } from "../../model/index.ts";
import type { SecretValues, SitePlan } from "../../model/plan/index.ts";
import type { Desired, SiteParts } from "./parts.ts";
import { freePorts } from "./ports.ts";
import { routedServices, waitForServices } from "./readiness.ts";
import { siteStatus } from "./status.ts";
import type { SiteStatus } from "./status.ts";
import { needsEngine, transition } from "./transition.ts";

/**
 * One site while it runs: containers and gateway, brought to each desired state that it is given.
 * Life: `start` → `reload` any number of times → `stop`. Knows no folder and no command line.
 */
export class RunningSite {
  readonly #parts: SiteParts;
  #engine: Engine | undefined;
  #plan: SitePlan | undefined;
  #secrets: SecretValues = new Map();
  #problems: readonly Problem[] = [];
  #locate: Desired["locate"] = () => undefined;
  /** Of the newest desired state where that was refused. */
  #refused: readonly Problem[] = [];
  #unsubscribe: (() => void) | undefined;
  /** One change at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #stopping = new AbortController();
  /** The gateway has a plan, and perhaps requests. */
  #served = false;

  constructor(parts: SiteParts) {
    this.#parts = parts;
  }

  /**
   * Containers first; ports open once the services that routes name are ready, or after the patience for that,
   * with a warning. Throws `port-in-use`, `engine-missing`, `engine-broken`.
   */
  start(desired: Desired): Promise<void> {
    return this.#inTurn(async () => {
      const { plan, secrets, problems, locate } = desired;
      await freePorts(plan.gateway.listeners);
      this.#plan = plan;
      this.#problems = problems;
      this.#locate = locate;
      if (needsEngine(plan.containers)) await this.#startContainers(plan, secrets);
      this.#throwIfStopping();
      await this.#parts.gateway.apply(plan.gateway, secrets);
      this.#served = true;
      this.#secrets = secrets;
    });
  }

  /**
   * Moves to another desired state: new containers, then the gateway at once, then what is left over goes.
   * Where it throws, the site goes on as before; requests in flight finish on what they began with.
   */
  reload(desired: Desired): Promise<void> {
    return this.#inTurn(async () => {
      this.#throwIfStopping();
      const before = this.#plan;
      if (before === undefined) throw new BandstandError("internal", "a site is reloaded that was not started");
      const { plan, secrets, problems, locate } = desired;
      if (this.#engine === undefined && needsEngine(plan.containers)) await this.#openEngine();
      const both: SecretValues = new Map([...this.#secrets, ...secrets]);
      await this.#engine?.apply(transition(before.containers, plan.containers), both);
      await this.#waitForNew(before, plan);
      try {
        await this.#parts.gateway.apply(plan.gateway, secrets);
      } catch (error) {
        await this.#engine?.apply(before.containers, this.#secrets);
        throw error;
      }
      this.#plan = plan;
      this.#secrets = secrets;
      this.#problems = problems;
      this.#locate = locate;
      this.#refused = [];
      this.#passEndpoints();
      await this.#engine?.apply(plan.containers, secrets);
    });
  }

  /** A newer desired state has errors: shown in `status` until one is served. */
  refuse(problems: readonly Problem[]): void {
    this.#refused = problems;
  }

  status(): SiteStatus {
    if (this.#plan === undefined) throw new BandstandError("not-running", "the site is starting");
    const parts = { gateway: this.#parts.gateway.state(), engine: this.#engine?.observe() };
    const status = siteStatus(this.#plan, parts, this.#problems, this.#locate);
    return { ...status, problems: [...this.#refused, ...status.problems] };
  }

  /** The desired state that is served, without secret values. */
  plan(): SitePlan | undefined {
    return this.#plan;
  }

  metrics(): Promise<string> {
    return this.#parts.gateway.metrics();
  }

  /** Log lines of a workload's containers. */
  containerLogs(
    workload: string,
    options: { namespace?: string; tail?: number; follow?: boolean; signal?: AbortSignal },
  ): AsyncIterable<ContainerLogLine> {
    if (this.#engine === undefined) throw new BandstandError("not-running", "the site has no containers");
    return this.#engine.logs(workload, options);
  }

  /**
   * Stops accepting, lets requests in flight end for `drain` milliseconds, then ends everything. Containers go
   * or stay; volumes always stay unless asked for. Idempotent; also ends a start that is under way.
   */
  async stop(options: { drain: number; containers: "remove" | "keep"; volumes?: boolean }): Promise<void> {
    this.#stopping.abort();
    // Components that are still being started may take long, and nobody asked them yet.
    if (!this.#served) await this.#parts.gateway.close();
    await this.#turn;
    if (this.#served)
      await this.#parts.gateway.drain(options.drain).catch((error: unknown) => this.#warn("draining", error));
    await this.#parts.gateway.close();
    this.#unsubscribe?.();
    const engine = this.#engine;
    if (engine === undefined) return;
    if (options.containers === "remove") await engine.remove({ volumes: options.volumes ?? false });
    await engine.close();
  }

  /** At once: requests in flight are cut, containers stay. */
  async abandon(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled([this.#parts.gateway.close(), this.#engine?.close()]);
  }

  async #startContainers(plan: SitePlan, secrets: SecretValues): Promise<void> {
    const { logger } = this.#parts;
    const engine = await this.#openEngine();
    logger.info("starting containers", { pods: plan.containers.pods.length, builds: plan.containers.builds.length });
    await engine.apply(plan.containers, secrets);
    await this.#wait(engine, routedServices(plan.gateway));
    this.#passEndpoints();
  }

  async #openEngine(): Promise<Engine> {
    const engine = this.#parts.createEngine();
    this.#engine = engine;
    try {
      await engine.open();
    } catch (error) {
      this.#engine = undefined;
      await engine.close();
      throw error;
    }
    this.#unsubscribe = engine.subscribe(() => this.#passEndpoints());
    return engine;
  }

  async #waitForNew(before: SitePlan, after: SitePlan): Promise<void> {
    if (this.#engine === undefined) return;
    const had = new Set(routedServices(before.gateway));
    await this.#wait(
      this.#engine,
      routedServices(after.gateway).filter((id) => !had.has(id)),
    );
  }

  async #wait(engine: Engine, services: readonly string[]): Promise<void> {
    const { logger, readyPatience = 60_000 } = this.#parts;
    const missing = await waitForServices(engine, services, {
      milliseconds: readyPatience,
      signal: this.#stopping.signal,
      onWaiting: (names) => logger.info("waiting for services", { services: names.join(", ") }),
    });
    if (missing.length === 0 || this.#stopping.signal.aborted) return;
    logger.warn("services are not ready; requests to them are answered with 503", { services: missing.join(", ") });
  }

  #passEndpoints(): void {
    if (this.#engine !== undefined) this.#parts.gateway.updateEndpoints(this.#engine.observe().endpoints);
  }

  #throwIfStopping(): void {
    if (this.#stopping.signal.aborted) throw new BandstandError("draining", "the site is stopping");
  }

  #warn(what: string, error: unknown): void {
    this.#parts.logger.warn(`${what} failed`, { error: messageOf(error) });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(act);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}
