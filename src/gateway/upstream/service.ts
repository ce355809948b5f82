import { performance } from "node:perf_hooks";
import { BandstandError } from "../../foundation/errors/index.ts";
import {
  afterwards,
  type HttpRequest,
  type HttpResponse,
  type Pending,
  type RawHeaders,
} from "../../foundation/http/index.ts";
import type { Endpoint } from "../../model/plan/index.ts";
import { boundsOf, limitsOf, noEvents, type CareEvents, type Connecting } from "./care.ts";
import { rescued, type Rescue } from "./endpoint-client.ts";
import type { EndpointPools } from "./pools.ts";
import type { Holder } from "./places/holder.ts";
import { isRepeatable } from "./repeatable.ts";
import { RetryBudget } from "./retry-budget.ts";
import { Targets, type Target } from "./targets.ts";
import { Tries } from "./tries.ts";

/** What an upstream reads and writes of the request's passage. */
export interface UpstreamPassage {
  onAbort(listener: (reason: BandstandError) => void): void;
  /** In: the endpoint that is wanted, as `host:port`. Out: the one that answered. */
  endpoint: string | undefined;
  /** How often the request was sent before, by whoever sends it again. */
  readonly attempt?: number;
  /** For whom the request is. */
  readonly holder?: Holder | undefined;
  /** Takes informational responses. */
  inform?(status: number, headers: RawHeaders): void;
}

/** One endpoint for something that is no request. */
export interface Place {
  readonly endpoint: Endpoint;
  /** It could not be reached: for a while others come first. */
  failed(error: unknown): void;
}

/** One port of one service: its ready endpoints in turn, and other ones where a connection fails. */
export class ServiceUpstream {
  readonly id: string;
  readonly #name: string;
  readonly #targets: Targets;
  readonly #events: CareEvents;
  readonly #watched: boolean;
  readonly #limits: { requests: number; retries: number };
  readonly #budget: RetryBudget | undefined;
  #retries = 0;

  constructor(
    { id, protocol, policy = {}, tls }: Connecting,
    pools: EndpointPools,
    { events = noEvents, workers = 1 }: { events?: CareEvents; workers?: number } = {},
  ) {
    this.id = id;
    this.#name = `Service/${id}`;
    this.#events = events;
    const checkFailed = (): void => events.checkFailed(this.#name);
    this.#targets = new Targets(pools, {
      protocol,
      policy,
      bounds: boundsOf({ id, protocol, policy, ...(tls && { tls }) }, workers),
      checkFailed,
    });
    this.#watched = policy.outliers !== undefined;
    this.#limits = limitsOf(policy, workers);
    this.#budget = policy.retryBudget && new RetryBudget(policy.retryBudget, workers);
  }

  /** Replaces the endpoints; those that stay keep their connections. */
  setEndpoints(endpoints: Endpoint[]): void {
    this.#targets.set(endpoints);
  }

  /** Ready endpoints as `host:port`. */
  endpoints(): string[] {
    return this.#targets.all.map(({ key }) => key);
  }

  /** Endpoints that failed, and get no requests as long as there are others. */
  unavailable(): number {
    return this.#targets.unavailable();
  }

  /**
   * Sends a request to the wanted endpoint or the next one. Throws `backend-unreachable` or `backend-reset` (503),
   * `backend-broken` (502), `overloaded` (503), or the reason of an abort.
   * @param again other endpoints are tried where a connection fails; not where the route's own `retry` counts them.
   */
  send(request: HttpRequest, passage: UpstreamPassage, again = true): Pending<HttpResponse> {
    const target = this.#targets.choose(passage.endpoint);
    if (target === undefined) {
      return Promise.reject(new BandstandError("backend-unreachable", `service ${this.id} has no ready endpoint`));
    }
    const { requests } = this.#limits;
    const full = requests !== Number.POSITIVE_INFINITY && this.#targets.active >= requests;
    if (full && !this.#targets.giveUp(passage.holder)) {
      return Promise.reject(
        new BandstandError("overloaded", `service ${this.id} has all the requests that it may have`),
      );
    }
    this.#budget?.sent(performance.now());
    if ((passage.attempt ?? 0) > 0) {
      return this.#retry(target, request, passage, false) ?? Promise.reject(this.#noRetry());
    }
    return this.#sendTo(target, request, passage, false, (error) => {
      this.#note(target, error);
      return again ? this.#tryOthers(new Tries(target), error, request, passage) : undefined;
    });
  }

  /** It failed at the last of those that were tried. Undefined: it is not sent again. */
  #tryOthers(
    tries: Tries,
    error: unknown,
    request: HttpRequest,
    passage: UpstreamPassage,
  ): Pending<HttpResponse> | undefined {
    if (!tries.mayGoOn(codeOf(error), isRepeatable(request))) return undefined;
    const now = performance.now();
    const next = this.#targets.choose(undefined, tries.targets);
    const target = tries.isFirst ? (next ?? tries.last) : next?.health.available(now) === true ? next : undefined;
    if (target === undefined) return undefined;
    tries.next(target);
    return this.#retry(target, request, passage, true, (thrown) => this.#tryOthers(tries, thrown, request, passage));
  }

  /** The next endpoint for a connection of somebody else's protocol. @param not another one than this; undefined: there is none. */
  place(not?: Place): Place | undefined {
    const taken = this.#targets.all.find(({ endpoint }) => endpoint === not?.endpoint);
    const target = this.#targets.choose(undefined, taken && [taken]);
    return target && { endpoint: target.endpoint, failed: (error) => this.#note(target, error) };
  }

  close(): void {
    this.setEndpoints([]);
  }

  #sendTo(
    target: Target,
    request: HttpRequest,
    passage: UpstreamPassage,
    fresh: boolean,
    rescue: Rescue,
  ): Pending<HttpResponse> {
    passage.endpoint = target.key;
    // What is watched is this endpoint's own answer, not one that was rescued elsewhere.
    const sent = target.client.send(request, fresh, passage, this.#watched ? undefined : rescue);
    passage.onAbort(sent.abort);
    return this.#watched ? rescued(this.#watch(target, sent.response), rescue) : sent.response;
  }

  /** Undefined: there have been enough. */
  #retry(
    target: Target,
    request: HttpRequest,
    passage: UpstreamPassage,
    fresh: boolean,
    rescue: Rescue = nothingElse,
  ): Pending<HttpResponse> | undefined {
    if (this.#retries >= this.#limits.retries || this.#budget?.take(performance.now()) === false) {
      this.#events.retryRefused(this.#name);
      return undefined;
    }
    this.#events.retried(this.#name);
    this.#retries++;
    let under = true;
    const over = (): void => {
      if (under) this.#retries--;
      under = false;
    };
    const response = this.#sendTo(target, request, passage, fresh, (error) => {
      this.#note(target, error);
      over();
      return rescue(error);
    });
    response.then(over, over);
    return response;
  }

  #noRetry(): BandstandError {
    return new BandstandError("overloaded", `service ${this.id} has all the retries that it may have`);
  }

  #note(target: Target, error: unknown): undefined {
    const now = performance.now();
    if (target.health.failed(codeOf(error), now, () => this.#targets.mayEject(now))) this.#events.ejected(this.#name);
    return undefined;
  }

  #watch(target: Target, response: Pending<HttpResponse>): Pending<HttpResponse> {
    return afterwards(response, (answer) => {
      if (target.health.indifferent(answer.status)) return answer;
      const now = performance.now();
      const ejected = target.health.answered(answer.status, now, () => this.#targets.mayEject(now));
      if (ejected) this.#events.ejected(this.#name);
      return answer;
    });
  }
}

function codeOf(error: unknown): BandstandError["code"] | undefined {
  return error instanceof BandstandError ? error.code : undefined;
}

const nothingElse: Rescue = () => undefined;
