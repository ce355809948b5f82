/** A condition of the Gateway API with one of its reasons, as far as the desired state decides it. */
export interface Condition {
  type:
    | "Accepted"
    | "Conflicted"
    | "InsecureFrontendValidationMode"
    | "DefaultGateway"
    | "OverlappingTLSConfig"
    | "PartiallyInvalid"
    | "Programmed"
    | "ResolvedRefs";
  status: "True" | "False";
  reason: string;
  message: string;
  /** `metadata.generation` of the resource that it was judged by; none where the YAML has none. */
  observedGeneration?: number;
}

/** What Gateways and routes of a site came to. Whether sockets are really open, only the running gateway knows. */
export interface ConditionsPlan {
  gatewayClasses: GatewayClassConditions[];
  gateways: GatewayConditions[];
  listenerSets: ListenerSetConditions[];
  routes: RouteConditions[];
  policies: PolicyConditions[];
}

/** Of a GatewayClass document that names our controller. */
export interface GatewayClassConditions {
  name: string;
  conditions: Condition[];
  /** Names of the Gateway API's features, sorted. */
  supportedFeatures: { name: string }[];
}

export interface GatewayConditions {
  namespace: string;
  name: string;
  conditions: Condition[];
  listeners: ListenerConditions[];
  /** IP addresses that it is to listen on. */
  addresses: string[];
  /** ListenerSets that are accepted. */
  attachedListenerSets: number;
}

/** Of a ListenerSet whose Gateway is ours, or is not there. */
export interface ListenerSetConditions {
  namespace: string;
  name: string;
  conditions: Condition[];
  listeners: ListenerConditions[];
}

export interface ListenerConditions {
  name: string;
  /** `ListenerPlan.id` of each address that it is served on. */
  plans: string[];
  supportedKinds: { group: string; kind: string }[];
  /** Routes that the listener takes, whether it is served or not. */
  attachedRoutes: number;
  conditions: Condition[];
}

export interface RouteConditions {
  kind: "GRPCRoute" | "HTTPRoute" | "TCPRoute" | "TLSRoute" | "UDPRoute";
  namespace: string;
  name: string;
  parents: { parentRef: ParentRefPlan; conditions: Condition[] }[];
}

export interface ParentRefPlan {
  /** A Gateway where there is none. */
  kind?: "ListenerSet";
  namespace: string;
  name: string;
  sectionName?: string;
  port?: number;
}

/** What became of a policy at each of its targets (GEP-713). */
export interface PolicyConditions {
  kind: "BackendTLSPolicy" | "BandstandPolicy" | "XBackendTrafficPolicy";
  namespace: string;
  name: string;
  ancestors: {
    ancestorRef: { group: string; kind: string; namespace: string; name: string; sectionName?: string };
    conditions: Condition[];
  }[];
}
