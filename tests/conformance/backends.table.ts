import { get, row, type Row } from "./table.ts";

const v1 = { status: 200, backend: "v1" };
const v2 = { status: 200, backend: "v2" };

export const backends: Row[] = [
  row("HTTPRouteAllBackendsWeightZero", "nothing takes traffic", get("weights.example/zero"), { status: 500 }),
  row("HTTPRouteNoBackendRefs", "a rule without backends", get("status.example/none"), { status: 500 }),
  row("HTTPRouteInvalidNonExistentBackendRef", "a Service that is not there", get("status.example/missing"), {
    status: 500,
  }),
  row("HTTPRouteInvalidBackendRefUnknownPort", "a port that is not there", get("status.example/port"), { status: 500 }),
  row(
    "HTTPRouteInvalidBackendRefUnknownComponent",
    "a component that is not there",
    get("status.example/missing-component"),
    { status: 500 },
  ),
  row("HTTPRouteServiceNoEndpoints", "a Service without endpoints", get("status.example/empty"), {
    status: 503,
    headers: { "retry-after": "1" },
  }),
  row("Unreachable", "a closed port", get("status.example/closed"), { status: 503 }),
  row("Unreachable", "another endpoint is tried", get("status.example/retry"), v1),
  row(
    "Unreachable",
    "another endpoint is tried, with a body",
    get("status.example/retry", {}, { method: "POST", body: "x" }),
    v1,
  ),
  row("ExternalName", "a Service outside", get("status.example/outside"), v2),
  row("Component", "that traps", get("status.example/trap"), { status: 500 }),
  row("Component", "over its CPU limit", get("status.example/slow"), { status: 504 }),
  row("Component", "with an error of nobody's", get("status.example/crash"), { status: 500 }),
  row("Backend", "its own errors pass", get("status.example/backend?status=503"), {
    status: 503,
    backend: "v1",
    headers: { "retry-after": undefined },
  }),
  row("Backend", "204 has no body", get("status.example/backend?status=204"), { status: 204, body: "" }),
  row("Backend", "304 passes", get("status.example/backend?status=304"), { status: 304, body: "" }),
  row("Backend", "redirects are not followed", get("status.example/backend?status=302&header=Location:/x"), {
    status: 302,
    headers: { location: "/x" },
  }),
  row("Backend", "HEAD has a length and no body", get("status.example/backend?bytes=100000", {}, { method: "HEAD" }), {
    status: 200,
    body: "",
    headers: { "content-length": "100000" },
  }),
  row("Backend", "no decompression", get("status.example/backend?header=Content-Encoding:gzip"), {
    status: 200,
    headers: { "content-encoding": "gzip" },
  }),
  row("Backend", "bodies arrive", get("status.example/backend", {}, { method: "POST", body: "some text" }), v1),
  row("HTTPRouteTimeoutRequest", "in time", get("timeout.example/request"), v1),
  row("HTTPRouteTimeoutRequest", "too late", get("timeout.example/request?delay=600"), { status: 504 }),
  row("HTTPRouteTimeoutRequest", "zero is none", get("timeout.example/disabled?delay=300"), v1),
  row("HTTPRouteTimeoutBackendRequest", "in time", get("timeout.example/backend"), v1),
  row("HTTPRouteTimeoutBackendRequest", "too late", get("timeout.example/backend?delay=600"), { status: 504 }),
  row("Timeout", "after the head the response breaks", get("timeout.example/request?stall=600"), {
    status: 200,
    broken: true,
  }),
  row("Timeout", "a component that never answers", get("timeout.example/component"), { status: 504 }),
];
