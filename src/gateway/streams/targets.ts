import type { BackendTls } from "../upstream/secure.ts";
import type { ServiceUpstream } from "../upstream/service.ts";

/** Where a connection goes. */
export interface StreamTarget {
  /** `Kind/namespace/name` of the route. */
  route: string;
  /** `Service/namespace/name:port`. */
  backend: string;
  upstream: ServiceUpstream;
  /** How its connections are secured; undefined: what the client sends goes on as it is. */
  tls: BackendTls | undefined;
}

/** Why a connection goes nowhere: it is closed. */
export interface Refused {
  route: string;
  reason: "no-route" | "unresolved";
}

/** Chooses a target for one connection. */
export type StreamRule = () => StreamTarget | Refused;
