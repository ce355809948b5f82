import { connect } from "node:net";
import { BandstandError } from "../../foundation/errors/index.ts";
import { isStream } from "../../foundation/http/index.ts";
import type { Endpoint, HealthCheckPlan } from "../../model/plan/index.ts";
import type { EndpointClient } from "./endpoint-client.ts";
import type { Health } from "./health.ts";
import { endpointKey } from "./pools.ts";

/** Asks one endpoint now and then whether it is well, and writes into its health what came of it. Life: made → `stop`. */
export class Checks {
  readonly #plan: HealthCheckPlan;
  readonly #endpoint: Endpoint;
  readonly #client: EndpointClient;
  readonly #health: Health;
  readonly #failed: () => void;
  /** Results in a row that speak against what is believed. */
  #against = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param failed is told of every check that failed. */
  constructor(plan: HealthCheckPlan, endpoint: Endpoint, client: EndpointClient, health: Health, failed: () => void) {
    this.#plan = plan;
    this.#endpoint = endpoint;
    this.#client = client;
    this.#health = health;
    this.#failed = failed;
    // Not all endpoints, nor all workers, at once.
    this.#schedule(Math.random() * Math.min(plan.interval, 1000));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#check(), milliseconds).unref();
  }

  async #check(): Promise<void> {
    const well = await this.#ask();
    if (this.#stopped) return;
    if (well === false) this.#failed();
    if (well !== undefined) this.#judge(well);
    this.#schedule(this.#plan.interval * (0.95 + Math.random() / 10));
  }

  #judge(well: boolean): void {
    if (well === this.#health.checked) {
      this.#against = 0;
      return;
    }
    const { healthyThreshold, unhealthyThreshold } = this.#plan;
    if (++this.#against < (well ? healthyThreshold : unhealthyThreshold)) return;
    this.#against = 0;
    this.#health.checked = well;
    // Who is well again is not kept waiting for what was before.
    if (well) this.#health.avoidUntil = 0;
  }

  /** Undefined: nothing was found out, since our own limits did not let the question through. */
  #ask(): Promise<boolean | undefined> {
    const { probe } = this.#plan;
    return probe.type === "TCP" ? this.#connects() : this.#answers(probe);
  }

  #connects(): Promise<boolean> {
    const { host, port } = this.#endpoint;
    return new Promise((resolve) => {
      const socket = connect({ host, port });
      const done = (well: boolean): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(well);
      };
      const timer = setTimeout(() => done(false), this.#plan.timeout);
      socket.once("connect", () => done(true)).once("error", () => done(false));
    });
  }

  async #answers({ path, host }: Extract<HealthCheckPlan["probe"], { type: "HTTP" }>): Promise<boolean | undefined> {
    const authority = host ?? endpointKey(this.#endpoint);
    const headers = ["user-agent", "bandstand-health-check", "accept", "*/*"];
    const request = { method: "GET", scheme: "http" as const, authority, target: path, headers, body: undefined };
    const sent = this.#client.send(request);
    const late = new BandstandError("backend-timeout", `no answer within ${this.#plan.timeout} ms`);
    const timer = setTimeout(() => sent.abort(late), this.#plan.timeout);
    try {
      const { status, body } = await sent.response;
      if (isStream(body)) body.cancel();
      return status >= 200 && status < 400;
    } catch (error) {
      return error instanceof BandstandError && error.code === "overloaded" ? undefined : false;
    } finally {
      clearTimeout(timer);
    }
  }
}
