import {
  Distributions,
  Tallies,
  type Distribution,
  type MetricSnapshot,
  type Tally,
} from "../../foundation/metrics/index.ts";
import type { CareEvents } from "../upstream/care.ts";

/** Counters of one route and backend; found once a request, counted without a look-up by labels. */
interface Series {
  codes: (Tally | undefined)[];
  seconds: Distribution;
}

/** What is not counted, but so at this moment. */
interface Now {
  connections: number;
  /** Since the worker began. */
  refused: number;
  backendConnections: number;
  /** By `ServicePlan.id`. */
  unavailable: ReadonlyMap<string, number>;
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
  readonly #streams = new Tallies(
    "counter",
    "bandstand_streams_total",
    "Connections and clients of datagrams that ended, or that nobody took.",
    ["route", "backend", "code"],
  );
  readonly #accessLost = new Tallies(
    "counter",
    "bandstand_access_log_lost_total",
    "Access log lines that nobody took in time: a worker keeps 4 MiB of them.",
  );
  readonly #rateLimited = new Tallies(
    "counter",
    "bandstand_rate_limited_total",
    "Requests answered with 429 by a limit of a policy.",
    ["route", "limit"],
  );
  readonly #unlisted = new Tallies(
    "counter",
    "bandstand_component_unlisted_requests_total",
    "Requests of components to what their capabilities do not list, sent since they only count.",
    ["component"],
  );
  readonly #inFlight = new Tallies("gauge", "bandstand_requests_in_flight", "Requests under way.");
  readonly #connections = new Tallies("gauge", "bandstand_connections", "Client connections.");
  readonly #shed = new Tallies(
    "counter",
    "bandstand_requests_shed_total",
    "Requests answered with 503 since a worker had more than it could serve.",
  );
  readonly #refused = new Tallies(
    "counter",
    "bandstand_connections_refused_total",
    "Client connections closed at once, since a worker had too many.",
  );
  readonly #retries = new Tallies("counter", "bandstand_retries_total", "Requests sent to a backend once more.", [
    "backend",
  ]);
  readonly #retriesRefused = new Tallies(
    "counter",
    "bandstand_retries_refused_total",
    "Retries that a limit or budget of the backend did not allow.",
    ["backend"],
  );
  readonly #ejections = new Tallies(
    "counter",
    "bandstand_endpoint_ejections_total",
    "Endpoints left out for a while after errors in a row.",
    ["backend"],
  );
  readonly #checks = new Tallies(
    "counter",
    "bandstand_health_check_failures_total",
    "Active health checks that failed.",
    ["backend"],
  );
  readonly #unavailable = new Tallies(
    "gauge",
    "bandstand_endpoints_unavailable",
    "Endpoints that get no requests while others are there, summed over workers.",
    ["backend"],
  );
  readonly #backendConnections = new Tallies("gauge", "bandstand_backend_connections", "Connections to backends.");
  readonly #series = new Map<string, Map<string, Series>>();
  /** Nearly always the next answer is of the same. */
  #last: Series | undefined;
  #lastRoute = "";
  #lastBackend = "";
  readonly inFlight: Tally = this.#inFlight.of();
  readonly shed: Tally = this.#shed.of();
  readonly accessLost: Tally = this.#accessLost.of();

  /** What happens in the care of backends. */
  readonly care: CareEvents = {
    retried: (backend) => this.#retries.of(backend).add(),
    retryRefused: (backend) => this.#retriesRefused.of(backend).add(),
    ejected: (backend) => this.#ejections.of(backend).add(),
    checkFailed: (backend) => this.#checks.of(backend).add(),
  };

  /** Counts one answer. @param seconds from the head of the request to the end of the response. */
  answered(route: string, backend: string, code: number, seconds: number): void {
    if (route !== this.#lastRoute || backend !== this.#lastBackend || this.#last === undefined) {
      this.#last = this.#seriesOf(route, backend);
      this.#lastRoute = route;
      this.#lastBackend = backend;
    }
    const series = this.#last;
    (series.codes[code] ??= this.#requests.of(route, backend, String(code))).value++;
    series.seconds.observe(seconds);
  }

  /** Counts an error by whose it is: a component's by component, any other by route and backend. */
  failed(route: string, backend: string, code: string): void {
    if (code.startsWith("component-")) this.#component.of(backend, code).add();
    else this.#backend.of(route, backend, code).add();
  }

  /** @param code `closed`, or why it came to nothing. */
  streamed(route: string, backend: string, code: string): void {
    this.#streams.of(route, backend, code).add();
  }

  broken(code: string): void {
    this.#broken.of(code).add();
  }

  rateLimited(route: string, limit: string): void {
    this.#rateLimited.of(route, limit).add();
  }

  unlisted(component: string): void {
    this.#unlisted.of(component).add();
  }

  snapshot({ connections, refused, backendConnections, unavailable }: Now): MetricSnapshot[] {
    this.#connections.of().value = connections;
    this.#refused.of().value = refused;
    this.#backendConnections.of().value = backendConnections;
    this.#unavailable.reset();
    for (const [service, count] of unavailable) this.#unavailable.of(`Service/${service}`).value = count;
    const all = [
      this.#requests,
      this.#seconds,
      this.#broken,
      this.#backend,
      this.#component,
      this.#rateLimited,
      this.#unlisted,
      this.#shed,
      this.#streams,
    ];
    const care = [this.#refused, this.#retries, this.#retriesRefused, this.#ejections, this.#checks];
    const gauges = [this.#backendConnections, this.#unavailable];
    return [...all, ...care, ...gauges, this.#accessLost, this.#inFlight, this.#connections].map((metric) =>
      metric.snapshot(),
    );
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
