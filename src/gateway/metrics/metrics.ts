import {
  Distributions,
  Tallies,
  type Distribution,
  type MetricSnapshot,
  type Tally,
} from "../../foundation/metrics/index.ts";

/** Counters of one route and backend; found once a request, counted without a look-up by labels. */
interface Series {
  codes: (Tally | undefined)[];
  seconds: Distribution;
}

/** What one worker counts. The main thread sums workers up. */
export class GatewayMetrics {
  readonly #requests = new Tallies("counter", "bandstand_requests_total", "Requests answered.", [
    "route",
    "backend",
    "code",
  ]);
  readonly #seconds = new Distributions(
    "bandstand_request_duration_seconds",
    "From a request's head to the end of its response.",
    ["route", "backend"],
  );
  readonly #broken = new Tallies(
    "counter",
    "bandstand_responses_broken_total",
    "Responses that broke after their head was out.",
    ["code"],
  );
  readonly #backend = new Tallies(
    "counter",
    "bandstand_backend_errors_total",
    "Requests that a backend did not answer.",
    ["route", "backend", "code"],
  );
  readonly #component = new Tallies(
    "counter",
    "bandstand_component_errors_total",
    "Requests that a component trapped on, or exceeded a limit.",
    ["component", "code"],
  );
  readonly #accessLost = new Tallies(
    "counter",
    "bandstand_access_log_lost_total",
    "Access log lines that nobody took in time.",
  );
  readonly #rateLimited = new Tallies(
    "counter",
    "bandstand_rate_limited_total",
    "Requests answered with 429 by a limit of a policy.",
    ["route", "limit"],
  );
  readonly #inFlight = new Tallies("gauge", "bandstand_requests_in_flight", "Requests under way.");
  readonly #connections = new Tallies("gauge", "bandstand_connections", "Client connections.");
  readonly #series = new Map<string, Map<string, Series>>();
  readonly inFlight: Tally = this.#inFlight.of();
  readonly accessLost: Tally = this.#accessLost.of();

  /** Counts one answer. @param seconds from the head of the request to the end of the response. */
  answered(route: string, backend: string, code: number, seconds: number): void {
    const series = this.#seriesOf(route, backend);
    (series.codes[code] ??= this.#requests.of(route, backend, String(code))).value++;
    series.seconds.observe(seconds);
  }

  /** Counts an error by whose it is: a component's by component, any other by route and backend. */
  failed(route: string, backend: string, code: string): void {
    if (code.startsWith("component-")) this.#component.of(backend, code).add();
    else this.#backend.of(route, backend, code).add();
  }

  broken(code: string): void {
    this.#broken.of(code).add();
  }

  rateLimited(route: string, limit: string): void {
    this.#rateLimited.of(route, limit).add();
  }

  snapshot(connections: number): MetricSnapshot[] {
    this.#connections.of().value = connections;
    const all = [this.#requests, this.#seconds, this.#broken, this.#backend, this.#component, this.#rateLimited];
    return [...all, this.#accessLost, this.#inFlight, this.#connections].map((metric) => metric.snapshot());
  }

  #seriesOf(route: string, backend: string): Series {
    let backends = this.#series.get(route);
    if (backends === undefined) this.#series.set(route, (backends = new Map()));
    let series = backends.get(backend);
    if (series === undefined) {
      series = { codes: [], seconds: this.#seconds.of(route, backend) };
      backends.set(backend, series);
    }
    return series;
  }
}
