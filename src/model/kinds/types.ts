import type { BackendTLSPolicy } from "./backend-tls-policy.ts";
import type { BandstandPolicy } from "./bandstand-policy.ts";
import type { ConfigMap } from "./config-map.ts";
import type { DaemonSet } from "./daemon-set.ts";
import type { Deployment } from "./deployment.ts";
import type { EndpointSlice } from "./endpoint-slice.ts";
import type { GatewayClass } from "./gateway-class.ts";
import type { Gateway } from "./gateway.ts";
import type { GRPCRoute } from "./grpc-route.ts";
import type { HTTPRoute } from "./http-route.ts";
import type { Job } from "./job.ts";
import type { ListenerSet } from "./listener-set.ts";
import type { Model } from "./model.ts";
import type { Namespace } from "./namespace.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import type { Pod } from "./pod.ts";
import type { ReferenceGrant } from "./reference-grant.ts";
import type { Secret } from "./secret.ts";
import type { Service } from "./service.ts";
import type { Site } from "./site.ts";
import type { StatefulSet } from "./stateful-set.ts";
import type { TCPRoute, TLSRoute, UDPRoute } from "./stream-route.ts";
import type { TrustPolicy } from "./trust-policy.ts";
import type { WasmComponent } from "./wasm-component.ts";
import type { Workload } from "./workload.ts";
import type { XBackendTrafficPolicy } from "./x-backend-traffic-policy.ts";

/** The type of every kind that is read, by its name. */
export interface ResourceTypes {
  BackendTLSPolicy: BackendTLSPolicy;
  BandstandPolicy: BandstandPolicy;
  ConfigMap: ConfigMap;
  DaemonSet: DaemonSet;
  Deployment: Deployment;
  EndpointSlice: EndpointSlice;
  Gateway: Gateway;
  GatewayClass: GatewayClass;
  GRPCRoute: GRPCRoute;
  HTTPRoute: HTTPRoute;
  Job: Job;
  ListenerSet: ListenerSet;
  Model: Model;
  Namespace: Namespace;
  PersistentVolumeClaim: PersistentVolumeClaim;
  Pod: Pod;
  ReferenceGrant: ReferenceGrant;
  Secret: Secret;
  Service: Service;
  Site: Site;
  StatefulSet: StatefulSet;
  TCPRoute: TCPRoute;
  TLSRoute: TLSRoute;
  TrustPolicy: TrustPolicy;
  UDPRoute: UDPRoute;
  WasmComponent: WasmComponent;
  Workload: Workload;
  XBackendTrafficPolicy: XBackendTrafficPolicy;
}

/** A route of requests, whatever its kind. */
export type Route = GRPCRoute | HTTPRoute;
/** A route of connections or datagrams, in which nothing is read. */
export type StreamRoute = TCPRoute | TLSRoute | UDPRoute;
export type AnyRoute = Route | StreamRoute;
/** Names of the kinds that are read. */
export type Kind = keyof ResourceTypes;
/** A resource of any kind that is read. */
export type Resource = ResourceTypes[Kind];

/** A resource of a kind that is not read: kept as it came. */
export interface UnknownResource {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  [field: string]: unknown;
}

export type * from "./backend-tls-policy.ts";
export type * from "./bandstand-policy.ts";
export type * from "./config-map.ts";
export type * from "./container.ts";
export type * from "./daemon-set.ts";
export type * from "./deployment.ts";
export type * from "./endpoint-slice.ts";
export type * from "./gateway-class.ts";
export type * from "./gateway.ts";
export type * from "./grpc-route.ts";
export type * from "./http-route-filter.ts";
export type * from "./http-route-match.ts";
export type * from "./http-route.ts";
export type * from "./job.ts";
export type * from "./listener-set.ts";
export type * from "./listener.ts";
export type * from "./model.ts";
export type * from "./namespace.ts";
export type * from "./persistent-volume-claim.ts";
export type * from "./pod.ts";
export type * from "./reference-grant.ts";
export type * from "./route-parts.ts";
export type * from "./secret.ts";
export type * from "./service.ts";
export type * from "./site.ts";
export type * from "./stateful-set.ts";
export type * from "./stream-route.ts";
export type * from "./trust-policy.ts";
export type * from "./volume.ts";
export type * from "./wasm-component.ts";
export type * from "./workload.ts";
export type * from "./x-backend-traffic-policy.ts";
