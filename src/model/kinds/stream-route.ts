import { z } from "zod";
import { hostname, namespaced, open, subdomain } from "./fields.ts";
import { backendObject, checkBackendPort } from "./http-route-filter.ts";
import { parents } from "./route-parts.ts";

const versions = ["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1alpha2"] as const;

const backendRef = open({
  ...backendObject,
  weight: z.int().min(0).max(1_000_000).optional(),
}).superRefine(checkBackendPort);
export type StreamBackendRef = z.output<typeof backendRef>;

/** There is nothing to tell connections apart by: the first rule is for all of them. */
const rules = z
  .array(open({ name: subdomain.optional(), backendRefs: z.array(backendRef).max(16).optional() }))
  .min(1)
  .max(16);

export const tlsRoute = open({
  apiVersion: z.enum([...versions, "gateway.networking.k8s.io/v1alpha3"]),
  kind: z.literal("TLSRoute"),
  metadata: namespaced(),
  /** Of the server name that a client asks for. */
  spec: open({ ...parents, hostnames: z.array(hostname).max(1024).optional(), rules }),
});
/** TLSRoute of gateway.networking.k8s.io/v1 and its alphas: connections by the server name of their handshake. */
export type TLSRoute = z.output<typeof tlsRoute>;

export const tcpRoute = open({
  apiVersion: z.enum(versions),
  kind: z.literal("TCPRoute"),
  metadata: namespaced(),
  spec: open({ ...parents, rules }),
});
/** TCPRoute of gateway.networking.k8s.io/v1 and v1alpha2: all connections to a port. */
export type TCPRoute = z.output<typeof tcpRoute>;

export const udpRoute = open({
  apiVersion: z.enum(versions),
  kind: z.literal("UDPRoute"),
  metadata: namespaced(),
  spec: open({ ...parents, rules }),
});
/** UDPRoute of gateway.networking.k8s.io/v1 and v1alpha2: all datagrams to a port. */
export type UDPRoute = z.output<typeof udpRoute>;
