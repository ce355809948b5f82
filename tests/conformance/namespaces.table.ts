import { get, row, type Row } from "./table.ts";

const v1 = { status: 200, backend: "v1" };
const v2 = { status: 200, backend: "v2" };
const other = { listener: "other" } as const;

export const namespaces: Row[] = [
  row("HTTPRouteMultipleGateways", "of two Gateways on one port, the first", get("a.merged.example", {}, other), v1),
  row("HTTPRouteMultipleGateways", "and the second, by hostname", get("b.merged.example", {}, other), v1),
  row("HTTPRouteCrossNamespace", "allowed by labels of its namespace", get("x.team.example", {}, other), v1),
  row("HTTPRouteCrossNamespace", "a namespace without the labels", get("y.team.example", {}, other), { status: 404 }),
  row("HTTPRouteCrossNamespace", "a listener for all namespaces", get("x.all.example", {}, other), v1),
  row("HTTPRouteReferenceGrant", "of version v1beta1", get("x.all.example/v1beta1", {}, other), v2),
  row("HTTPRouteReferenceGrant", "none for this Service", get("x.all.example/denied", {}, other), { status: 500 }),
  row("HTTPRouteInvalidReferenceGrant", "one in the wrong namespace", get("y.all.example", {}, other), { status: 500 }),
  row("HTTPRouteParentRefPort", "a listener by its port", get("section.example", {}, other), v1),
  row("HTTPRouteInvalidParentRefSectionNameNotMatchingPort", "section and port must both fit", get("section.example"), {
    status: 404,
  }),
  row("HTTPRouteServiceTypes", "ports of slices by name, not by targetPort", get("services.example/first"), v1),
  row("HTTPRouteServiceTypes", "a targetPort by name needs no pods", get("services.example/second"), v2),
  row("HTTPRouteServiceTypes", "another protocol is another port", get("services.example/third"), { status: 503 }),
  row("HTTPRouteServiceTypes", "ready endpoints before ending ones", get("services.example/terminating"), v2),
  row("HTTPRouteServiceTypes", "ending ones that serve, where none is ready", get("services.example/ending"), v1),
  row("HTTPRouteServiceTypes", "none that is not ready", get("services.example/not-ready"), { status: 503 }),
  row("HTTPRouteServiceTypes", "headless", get("services.example/headless"), v1),
  row("HTTPRouteServiceTypes", "IPv6", get("services.example/ipv6"), v1),
];

const taken = [
  "Accepted=False ProtocolConflict",
  "Conflicted=True ProtocolConflict",
  "ResolvedRefs=True ResolvedRefs",
  "Programmed=False ProtocolConflict",
];
const good = [
  "Accepted=True Accepted",
  "Conflicted=False NoConflicts",
  "ResolvedRefs=True ResolvedRefs",
  "Programmed=True Programmed",
];
const overlaps = "OverlappingTLSConfig=True OverlappingHostnames";

/** `Kind/name[/listener or parent]` and its conditions. */
export const conditions: [string, string[]][] = [
  ["Gateway/merged-a", ["Accepted=True Accepted", "Programmed=True Programmed", "ResolvedRefs=True ResolvedRefs"]],
  [
    "Gateway/merged-b",
    ["Accepted=True ListenersNotValid", "Programmed=True Programmed", "ResolvedRefs=True ResolvedRefs"],
  ],
  [
    "Gateway/merged-b/taken",
    [
      "Accepted=False HostnameConflict",
      "Conflicted=True HostnameConflict",
      "ResolvedRefs=True ResolvedRefs",
      "Programmed=False HostnameConflict",
    ],
  ],
  [
    "Gateway/merged-b/tls",
    [
      "Accepted=False ProtocolConflict",
      "Conflicted=True ProtocolConflict",
      "ResolvedRefs=True ResolvedRefs",
      "Programmed=False ProtocolConflict",
    ],
  ],
  [
    "Gateway/indistinct",
    ["Accepted=True ListenersNotValid", "Programmed=True Programmed", "ResolvedRefs=True ResolvedRefs"],
  ],
  ["Gateway/indistinct/http-a", taken],
  ["Gateway/indistinct/tcp", taken],
  ["Gateway/indistinct/http-b", taken],
  ["Gateway/indistinct/apart", good],
  ["Gateway/indistinct/udp", good],
  ["Gateway/secure/any", [...good, overlaps]],
  ["Gateway/secure/wildcard", [...good, overlaps]],
  ["Gateway/secure/within", [...good, overlaps]],
  [
    "Gateway/secure",
    ["Accepted=True Accepted", "Programmed=True Programmed", "ResolvedRefs=False ListenersNotResolved"],
  ],
  ["HTTPRoute/stranger/0", ["Accepted=True Accepted", "ResolvedRefs=False RefNotPermitted"]],
  ["HTTPRoute/merged/0", ["Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"]],
  ["HTTPRoute/team/0", ["Accepted=True Accepted", "ResolvedRefs=False RefNotPermitted"]],
  ["HTTPRoute/section-and-port/0", ["Accepted=False NoMatchingParent", "ResolvedRefs=True ResolvedRefs"]],
  ["HTTPRoute/section-and-port/1", ["Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs"]],
  ["HTTPRoute/section-and-port/2", ["Accepted=False NoMatchingParent", "ResolvedRefs=True ResolvedRefs"]],
  ["HTTPRoute/section-and-port/3", ["Accepted=False NoMatchingParent", "ResolvedRefs=True ResolvedRefs"]],
  ["HTTPRoute/statuses/0", ["Accepted=True Accepted", "ResolvedRefs=False BackendNotFound"]],
  ["HTTPRoute/mirrors/0", ["Accepted=True Accepted", "ResolvedRefs=False BackendNotFound"]],
];
