import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import { secretKey, type ComponentPlan, type SecretValues } from "../../model/plan/index.ts";
import type { ComponentHost, LoadedComponent } from "../../wasm/runtime.ts";

/** Loads components on this thread: from the prepared store through a runtime, or a fake in tests. */
export interface ComponentSource {
  /** Throws a BandstandError for a component that cannot be loaded. */
  load(plan: ComponentPlan, host: ComponentHost): Promise<LoadedComponent>;
}

interface Entry {
  loaded: Promise<LoadedComponent>;
  users: number;
}

/** Another component of a configuration is there. */
export interface Loaded {
  component: string;
  /** So many are, of so many. */
  done: number;
  of: number;
}

/** The components of one thread; one whose plan did not change is kept over reloads. */
export class Components {
  readonly #source: ComponentSource;
  readonly #logger: Logger;
  readonly #fetchFor: (plan: ComponentPlan) => ComponentHost["fetch"];
  readonly #onLoaded: (loaded: Loaded) => void;
  readonly #entries = new Map<string, Entry>();

  /** @param onLoaded told of each component of a configuration that is there: how many are, of how many. */
  constructor(
    source: ComponentSource,
    logger: Logger,
    fetchFor: (plan: ComponentPlan) => ComponentHost["fetch"],
    onLoaded: (loaded: Loaded) => void,
  ) {
    this.#onLoaded = onLoaded;
    this.#source = source;
    this.#logger = logger;
    this.#fetchFor = fetchFor;
  }

  /** Takes the components of a configuration. All or none: where some fail, all are released, and the error tells of each. */
  async take(plans: ComponentPlan[], secrets: SecretValues): Promise<ReadonlyMap<string, LoadedComponent>> {
    let done = 0;
    const loaded = plans.map(async (plan) => {
      const component = await this.#entry(plan, secrets).loaded;
      this.#onLoaded({ component: plan.id, done: ++done, of: plans.length });
      return component;
    });
    const results = await Promise.allSettled(loaded);
    const taken = new Map<string, LoadedComponent>();
    const failed: { plan: ComponentPlan; reason: unknown }[] = [];
    for (const [index, result] of results.entries()) {
      const plan = plans[index] as ComponentPlan;
      if (result.status === "fulfilled") taken.set(plan.id, result.value);
      else failed.push({ plan, reason: result.reason });
    }
    const [first, ...more] = failed;
    if (first === undefined) return taken;
    this.release(plans);
    const others = more.map(({ plan, reason }) => named(plan, reason, []));
    throw named(first.plan, first.reason, others);
  }

  /** The last user closes a component. */
  release(plans: ComponentPlan[]): void {
    for (const plan of plans) {
      const key = JSON.stringify(plan);
      const entry = this.#entries.get(key);
      if (entry === undefined || --entry.users > 0) continue;
      this.#entries.delete(key);
      entry.loaded
        .then((component) => component.close())
        .catch((error: unknown) =>
          this.#logger.debug("a component did not close", { component: plan.id, error: messageOf(error) }),
        );
    }
  }

  #entry(plan: ComponentPlan, secrets: SecretValues): Entry {
    // The plan holds the hash of every secret value: an equal plan means equal values.
    const key = JSON.stringify(plan);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { loaded: this.#load(plan, secrets), users: 0 };
      this.#entries.set(key, entry);
    }
    entry.users++;
    return entry;
  }

  async #load(plan: ComponentPlan, secrets: SecretValues): Promise<LoadedComponent> {
    return this.#source.load(plan, {
      logger: this.#logger.with({ component: plan.id }),
      config: resolveConfig(plan, secrets),
      fetch: this.#fetchFor(plan),
    });
  }
}

function resolveConfig(plan: ComponentPlan, secrets: SecretValues): Map<string, string> {
  const config = new Map<string, string>();
  for (const [name, value] of Object.entries(plan.config)) {
    if ("value" in value) config.set(name, value.value);
    else {
      const bytes = secrets.get(secretKey(value.secret));
      if (bytes === undefined) {
        throw new BandstandError("internal", `component ${plan.id}: no value came for ${secretKey(value.secret)}`);
      }
      config.set(name, Buffer.from(bytes).toString("utf8"));
    }
  }
  return config;
}

function named(plan: ComponentPlan, error: unknown, others: BandstandError[]): BandstandError {
  const message = `component ${plan.id}: ${messageOf(error)}`;
  const options = { about: { resource: `WasmComponent/${plan.id}` }, others, cause: error };
  if (!(error instanceof BandstandError)) return new BandstandError("internal", message, options);
  return new BandstandError(error.code, message, { ...(error.remedy && { remedy: error.remedy }), ...options });
}
