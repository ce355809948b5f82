import type { ComponentPlan } from "./component.ts";
import type {
  BackendTlsPlan,
  ClientsPlan,
  Compression,
  ErrorPagePlan,
  RateLimitPlan,
  ServicePolicyPlan,
} from "./policy.ts";
import type { SecretRef } from "./site.ts";

/** What the gateway of one site serves. Identifiers are `namespace/name`, so diffs stay readable. */
export interface GatewayPlan {
  site: string;
  listeners: ListenerPlan[];
  routes: RoutePlan[];
  /** None: undefined. */
  streams?: StreamRoutePlan[];
  services: ServicePlan[];
  components: ComponentPlan[];
}

/** One Gateway listener. Several may share address and port; then the hostname decides. */
export interface ListenerPlan {
  /** `namespace/gateway/listener`; of a ListenerSet `namespace/gateway/namespace/set/listener`. */
  id: string;
  /** IP address to bind; 127.0.0.1 unless the Gateway's `spec.addresses` says otherwise. */
  address: string;
  port: number;
  protocol: "HTTP" | "HTTPS" | "TCP" | "TLS" | "UDP";
  /** TLS only: its backends do the handshakes. */
  passthrough?: true;
  /** Exact or `*.suffix`; undefined takes every host. */
  hostname?: string;
  /** HTTPS, and TLS that ends here; never empty there. A client gets the first that its server name and algorithms allow. */
  certificates?: CertificatePlan[];
  /** HTTPS, and TLS that ends here: what clients have to show. */
  clientCertificates?: ClientCertificatesPlan;
  /** For every request that a route takes here. */
  rateLimits?: RateLimitPlan[];
  clients?: ClientsPlan;
  /** What backends see of us where connections to them are TLS; with a reason nothing is sent to those. */
  backendCertificate?: CertificatePlan | { reason: string };
  /** For what the gateway answers itself. */
  errorPages?: ErrorPagePlan[];
  /** Of routes that say nothing else. */
  compression?: Compression[];
}

/** What an error is about that a listener has, by its id. */
export function listenerSubject(id: string): { resource: string; listener: string } {
  const names = id.split("/");
  const listener = names.pop() ?? "";
  return { resource: `${names.length > 2 ? "ListenerSet" : "Gateway"}/${names.slice(-2).join("/")}`, listener };
}

/** A certificate with its chain, and its private key, both PEM. */
export interface CertificatePlan {
  certificate: SecretRef;
  key: SecretRef;
}

/** Certificates of clients are checked by these authorities (PEM). */
export interface ClientCertificatesPlan {
  authorities: string[];
  /** False: clients without one are served too. */
  required: boolean;
}

/** Reasons of the Gateway API's condition `ResolvedRefs`, and `UnsupportedValue` of `Accepted`. */
export type UnresolvedReason =
  | "BackendNotFound"
  | "RefNotPermitted"
  | "InvalidKind"
  | "UnsupportedProtocol"
  | "UnsupportedValue";

/** One route, attached to at least one listener. */
export interface RoutePlan {
  /** `namespace/name` of an HTTPRoute, `GRPCRoute/namespace/name`. */
  id: string;
  /** Its requests are gRPC's, and what the gateway answers to them is too. */
  grpc?: true;
  /** RFC 3339, for ties of precedence: older wins, then `id` in alphabetical order. */
  created?: string;
  /**
   * Where it is attached, with the hostnames left after intersecting both sides (empty: every host). `written`: what the route itself
   * says, where that is wider (empty: nothing). It decides which of several routes comes first.
   */
  attachments: { listener: string; hostnames: string[]; written?: string[] }[];
  rules: RulePlan[];
  /** Empty: none. */
  compression?: Compression[];
}

/** One TLSRoute, TCPRoute or UDPRoute, attached to at least one listener. Of several for one name the first in the plan counts. */
export interface StreamRoutePlan {
  /** `Kind/namespace/name`. */
  id: string;
  /** Where it is attached, with the server names it takes there (empty: all). */
  attachments: { listener: string; hostnames: string[] }[];
  /** Chosen by weight for each connection; what is unresolved ends it. */
  backends: { weight: number; target: Exclude<BackendTarget, { type: "Component" }> }[];
}

export interface RulePlan {
  name?: string;
  /** Any of these; never empty (the default is PathPrefix `/`). */
  matches: MatchPlan[];
  filters: FilterPlan[];
  /** Chosen by weight. Empty: every request gets 500 (unless a filter answers). */
  backends: BackendPlan[];
  timeouts: {
    /** Milliseconds from request head to the end of the response; 0 or undefined: none. */
    request?: number;
    /** Milliseconds for one try at a backend; 0 or undefined: none. */
    backendRequest?: number;
  };
  retry?: RetryPlan;
  session?: SessionPlan;
  rateLimits?: RateLimitPlan[];
}

/** Tries after the first: after failed connections and `backendRequest` timeouts always, after these statuses too. */
export interface RetryPlan {
  attempts: number;
  codes: number[];
  /** Milliseconds between two tries, at least. */
  backoff?: number;
}

/** All conditions must hold. */
export interface MatchPlan {
  /** LastSegment: the second of two segments, the method of a call of whatever service. */
  path: { type: "Exact" | "LastSegment" | "PathPrefix" | "RegularExpression"; value: string };
  method?: string;
  /** Only requests of gRPC. Like the path it counts as no condition of its own in the order of precedence. */
  grpc?: true;
  headers: ValueMatch[];
  query: ValueMatch[];
}

export interface ValueMatch {
  type: "Exact" | "RegularExpression";
  name: string;
  value: string;
}

export interface HeaderEdits {
  set: { name: string; value: string }[];
  add: { name: string; value: string }[];
  remove: string[];
}

export type PathEdit = { type: "ReplaceFullPath"; value: string } | { type: "ReplacePrefixMatch"; value: string };

/** Applied in the order written. */
export type FilterPlan =
  | { type: "RequestHeaderModifier"; edits: HeaderEdits }
  | { type: "ResponseHeaderModifier"; edits: HeaderEdits }
  | {
      type: "RequestRedirect";
      scheme?: "http" | "https";
      hostname?: string;
      port?: number;
      path?: PathEdit;
      statusCode: 301 | 302 | 303 | 307 | 308;
    }
  | { type: "URLRewrite"; hostname?: string; path?: PathEdit }
  /** Sends a copy of so many requests, 0 to 1, to a target; where that is unresolved, none. */
  | { type: "RequestMirror"; target: BackendTarget; share: number }
  | { type: "CORS"; cors: CorsPlan }
  | { type: "ExternalAuth"; auth: ExternalAuthPlan }
  | { type: "Component"; component: string }
  /** A filter that cannot be resolved answers 500; it is never skipped. */
  | { type: "Unresolved"; reason: string; condition: UnresolvedReason };

/** Another server is asked first, by a request of its own: what it answers with 200 goes on. */
export interface ExternalAuthPlan {
  /** By Envoy's ext_authz; then it may say everything that this protocol can, and is shown all headers where none are named. */
  grpc?: true;
  target: Exclude<BackendTarget, { type: "Unresolved" }>;
  /** Before the path of the request; no slash at its end. */
  path: string;
  /** Names in lower case that it is shown besides what it always is. */
  requestHeaders: string[];
  /** Names in lower case that it may give the request; empty: all. */
  responseHeaders: string[];
  /** Bytes; 0: it is shown no body. */
  maxBody: number;
}

/** Which scripts of other origins may use a route (Fetch standard, section 3.2). */
export interface CorsPlan {
  /** `*`, or scheme, host that may begin with `*.`, and port. */
  origins: string[];
  credentials: boolean;
  /** `*` alone for all; empty: none but those that need no permission. */
  methods: string[];
  headers: string[];
  expose: string[];
  /** Seconds. */
  maxAge: number;
}

export interface BackendPlan {
  /** 0 takes no traffic. */
  weight: number;
  target: BackendTarget;
  filters: FilterPlan[];
}

export type BackendTarget =
  | { type: "Component"; component: string }
  /** @param protocol other than what its plan says: gRPC is HTTP/2 to whatever port. */
  | { type: "Service"; service: string; protocol?: "h2c" }
  /** Its share of the weight is answered with 500. */
  | { type: "Unresolved"; reason: string; condition: UnresolvedReason };

/** `sessionPersistence` of the Gateway API. */
export interface SessionPlan {
  type: "Cookie" | "Header";
  name: string;
  /** Milliseconds. */
  absoluteTimeout?: number;
  idleTimeout?: number;
  /** Session: the cookie ends with the browser; Permanent: with absoluteTimeout. */
  lifetime: "Session" | "Permanent";
  /** Of the cookie; undefined: what the rule's requests have in common. */
  path?: string;
}

/** One port of one Service as the gateway reaches it. */
export interface ServicePlan {
  /** `namespace/name:port`. */
  id: string;
  /** By the port's `appProtocol`; h2c is HTTP/2 in clear text. WebSocket is HTTP/1.1. */
  protocol: "http" | "h2c";
  /**
   * static: from EndpointSlices or ExternalName, in `endpoints`.
   * engine: pods behind a selector; the engine reports their endpoints at run time.
   */
  source: "static" | "engine";
  endpoints: Endpoint[];
  policy?: ServicePolicyPlan;
  /** Connections to it are TLS. */
  tls?: BackendTlsPlan;
}

export interface Endpoint {
  /** IP address or DNS name (ExternalName). */
  host: string;
  port: number;
}

/** Ready endpoints by `ServicePlan.id`, sent to the gateway whenever the engine sees a change. */
export type EndpointTable = Record<string, Endpoint[]>;
