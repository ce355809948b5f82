import { backendTlsPolicy } from "./backend-tls-policy.ts";
import { bandstandPolicy } from "./bandstand-policy.ts";
import { configMap } from "./config-map.ts";
import { daemonSet } from "./daemon-set.ts";
import { deployment } from "./deployment.ts";
import { endpointSlice } from "./endpoint-slice.ts";
import { gatewayClass } from "./gateway-class.ts";
import { gateway } from "./gateway.ts";
import { grpcRoute } from "./grpc-route.ts";
import { httpRoute } from "./http-route.ts";
import { job } from "./job.ts";
import { listenerSet } from "./listener-set.ts";
import { model } from "./model.ts";
import { namespace } from "./namespace.ts";
import { persistentVolumeClaim } from "./persistent-volume-claim.ts";
import { pod } from "./pod.ts";
import { referenceGrant } from "./reference-grant.ts";
import { secret } from "./secret.ts";
import { service } from "./service.ts";
import { site } from "./site.ts";
import { tcpRoute, tlsRoute, udpRoute } from "./stream-route.ts";
import { statefulSet } from "./stateful-set.ts";
import { trustPolicy } from "./trust-policy.ts";
import { wasmComponent } from "./wasm-component.ts";
import { workload } from "./workload.ts";
import { xBackendTrafficPolicy } from "./x-backend-traffic-policy.ts";
import type { ResourceTypes } from "./types.ts";
import type { z } from "zod";

/** Every kind that is read. A new kind is a file of its own and one line here. */
export const schemas = {
  BackendTLSPolicy: backendTlsPolicy,
  BandstandPolicy: bandstandPolicy,
  ConfigMap: configMap,
  DaemonSet: daemonSet,
  Deployment: deployment,
  EndpointSlice: endpointSlice,
  Gateway: gateway,
  GatewayClass: gatewayClass,
  GRPCRoute: grpcRoute,
  HTTPRoute: httpRoute,
  Job: job,
  ListenerSet: listenerSet,
  Model: model,
  Namespace: namespace,
  PersistentVolumeClaim: persistentVolumeClaim,
  Pod: pod,
  ReferenceGrant: referenceGrant,
  Secret: secret,
  Service: service,
  Site: site,
  StatefulSet: statefulSet,
  TCPRoute: tcpRoute,
  TLSRoute: tlsRoute,
  TrustPolicy: trustPolicy,
  UDPRoute: udpRoute,
  WasmComponent: wasmComponent,
  Workload: workload,
  XBackendTrafficPolicy: xBackendTrafficPolicy,
} satisfies { [K in keyof ResourceTypes]: z.ZodType<ResourceTypes[K]> };

/** Kinds that live in no namespace. */
export const siteWideKinds: ReadonlySet<string> = new Set(["GatewayClass", "Namespace", "Site", "TrustPolicy"]);

/** Valid `apiVersion`s of a kind. */
export function versionsOf(kind: keyof ResourceTypes): string[] {
  const schema = schemas[kind].shape.apiVersion as z.ZodEnum | z.ZodLiteral<string>;
  return "options" in schema ? schema.options.map(String) : [...schema.values];
}
