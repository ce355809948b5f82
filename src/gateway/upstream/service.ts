import { BandstandError } from "../../foundation/errors/index.ts";
import { isStream, type HttpRequest, type HttpResponse } from "../../foundation/http/index.ts";
import type { Endpoint } from "../../model/plan/index.ts";
import type { EndpointPool } from "./http1/pool.ts";
import { endpointKey, type EndpointPools } from "./pools.ts";

/** What an upstream reads and writes of the request's passage. */
export interface UpstreamPassage {
  onAbort(listener: (reason: BandstandError) => void): void;
  /** In: the endpoint that is wanted, as `host:port`. Out: the one that answered. */
  endpoint: string | undefined;
}

interface Target {
  endpoint: Endpoint;
  key: string;
  pool: EndpointPool;
  /** `performance.now()` until which it is left out, where others are there. */
  avoidUntil: number;
}

/** After a failed connection an endpoint is left out for so long. Milliseconds. */
const avoidance = 2000;
const repeatable = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** One port of one service: its ready endpoints in turn, and one more try where a connection fails. */
export class ServiceUpstream {
  readonly id: string;
  readonly #pools: EndpointPools;
  #targets: Target[] = [];
  #next = 0;

  constructor(id: string, pools: EndpointPools) {
    this.id = id;
    this.#pools = pools;
  }

  /** Replaces the endpoints; those that stay keep their connections. */
  setEndpoints(endpoints: Endpoint[]): void {
    const before = new Map(this.#targets.map((target) => [target.key, target]));
    const targets = new Map<string, Target>();
    for (const endpoint of endpoints) {
      const key = endpointKey(endpoint);
      if (targets.has(key)) continue;
      const kept = before.get(key);
      before.delete(key);
      targets.set(key, kept ?? { endpoint, key, pool: this.#pools.take(endpoint), avoidUntil: 0 });
    }
    this.#targets = [...targets.values()];
    for (const { endpoint } of before.values()) this.#pools.release(endpoint);
  }

  /** Ready endpoints as `host:port`. */
  endpoints(): string[] {
    return this.#targets.map(({ key }) => key);
  }

  /**
   * Sends a request to the wanted endpoint or the next one. Throws `backend-unreachable` (503),
   * `backend-broken` (502), `overloaded` (503), or the reason of an abort.
   */
  send(request: HttpRequest, passage: UpstreamPassage): Promise<HttpResponse> {
    const target = this.#choose(passage.endpoint, undefined);
    if (target === undefined) {
      return Promise.reject(new BandstandError("backend-unreachable", `service ${this.id} has no ready endpoint`));
    }
    const first = this.#sendTo(target, request, passage);
    // A body that streams is gone after a failed try.
    if (isStream(request.body)) return first;
    return first.catch((error: unknown) => this.#retry(error, target, request, passage));
  }

  close(): void {
    this.setEndpoints([]);
  }

  #sendTo(target: Target, request: HttpRequest, passage: UpstreamPassage): Promise<HttpResponse> {
    passage.endpoint = target.key;
    const sent = target.pool.send(request);
    passage.onAbort((reason) => sent.abort(reason));
    return sent.response;
  }

  /** Nothing was sent where no connection was had; where one broke, only what may be repeated is. */
  #retry(error: unknown, failed: Target, request: HttpRequest, passage: UpstreamPassage): Promise<HttpResponse> {
    const code = error instanceof BandstandError ? error.code : undefined;
    const unreachable = code === "backend-unreachable";
    if (unreachable) failed.avoidUntil = performance.now() + avoidance;
    const broken = code === "backend-broken" && request.body === undefined && repeatable.has(request.method);
    const other = unreachable || broken ? this.#choose(undefined, failed) : undefined;
    if (other === undefined) throw error;
    return this.#sendTo(other, request, passage);
  }

  #choose(wanted: string | undefined, not: Target | undefined): Target | undefined {
    const targets = this.#targets;
    if (targets.length === 1) return targets[0] === not ? undefined : targets[0];
    if (wanted !== undefined) {
      const found = targets.find(({ key }) => key === wanted);
      if (found !== undefined) return found;
    }
    const now = performance.now();
    let last: Target | undefined;
    for (let turn = 0; turn < targets.length; turn++) {
      const target = targets[this.#next++ % targets.length] as Target;
      if (target === not) continue;
      if (target.avoidUntil <= now) return target;
      last = target;
    }
    return last;
  }
}
