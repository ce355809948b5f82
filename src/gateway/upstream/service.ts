import { BandstandError } from "../../foundation/errors/index.ts";
import { isStream, type HttpRequest, type HttpResponse, type RawHeaders } from "../../foundation/http/index.ts";
import type { Endpoint, ServicePlan } from "../../model/plan/index.ts";
import type { EndpointClient } from "./endpoint-client.ts";
import { endpointKey, type EndpointPools } from "./pools.ts";

/** What an upstream reads and writes of the request's passage. */
export interface UpstreamPassage {
  onAbort(listener: (reason: BandstandError) => void): void;
  /** In: the endpoint that is wanted, as `host:port`. Out: the one that answered. */
  endpoint: string | undefined;
  /** Takes informational responses. */
  inform?(status: number, headers: RawHeaders): void;
}

interface Target {
  endpoint: Endpoint;
  key: string;
  client: EndpointClient;
  /** `performance.now()` until which it is left out, where others are there. */
  avoidUntil: number;
}

/** After a failed connection an endpoint is left out for so long. Milliseconds. */
const avoidance = 2000;
const idempotent = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** One port of one service: its ready endpoints in turn, and one more try where a connection fails. */
export class ServiceUpstream {
  readonly id: string;
  readonly #pools: EndpointPools;
  readonly #protocol: ServicePlan["protocol"];
  #targets: Target[] = [];
  #next = 0;

  constructor(id: string, pools: EndpointPools, protocol: ServicePlan["protocol"] = "http") {
    this.id = id;
    this.#protocol = protocol;
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
      targets.set(key, kept ?? { endpoint, key, client: this.#pools.take(endpoint, this.#protocol), avoidUntil: 0 });
    }
    this.#targets = [...targets.values()];
    for (const { endpoint } of before.values()) this.#pools.release(endpoint, this.#protocol);
  }

  /** Ready endpoints as `host:port`. */
  endpoints(): string[] {
    return this.#targets.map(({ key }) => key);
  }

  /**
   * Sends a request to the wanted endpoint or the next one. Throws `backend-unreachable` or `backend-reset` (503),
   * `backend-broken` (502), `overloaded` (503), or the reason of an abort.
   * @param again one more try where a connection fails; not where the route's own `retry` counts them.
   */
  send(request: HttpRequest, passage: UpstreamPassage, again = true): Promise<HttpResponse> {
    const target = this.#choose(passage.endpoint, undefined);
    if (target === undefined) {
      return Promise.reject(new BandstandError("backend-unreachable", `service ${this.id} has no ready endpoint`));
    }
    const first = this.#sendTo(target, request, passage, false);
    return first.catch((error: unknown) => {
      const code = error instanceof BandstandError ? error.code : undefined;
      if (code === "backend-unreachable") target.avoidUntil = performance.now() + avoidance;
      if (!again || !mayRepeat(code, request)) throw error;
      return this.#sendTo(this.#choose(undefined, target) ?? target, request, passage, true);
    });
  }

  close(): void {
    this.setEndpoints([]);
  }

  #sendTo(target: Target, request: HttpRequest, passage: UpstreamPassage, fresh: boolean): Promise<HttpResponse> {
    passage.endpoint = target.key;
    const sent = target.client.send(request, fresh, passage);
    passage.onAbort((reason) => sent.abort(reason));
    return sent.response;
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

/** Nothing was sent where no connection was had; where one broke, only what may be done twice is (RFC 9110, section 9.2.2). */
function mayRepeat(code: string | undefined, request: HttpRequest): boolean {
  if (code === "backend-unreachable") return true;
  return code === "backend-reset" && idempotent.has(request.method) && !isStream(request.body);
}
