import { BandstandError } from "../../foundation/errors/index.ts";
import type { Stage } from "./passage.ts";

/** One of a rule's backends, ready to take requests, with its own filters in front. */
export interface ChainBackend {
  /** Kind and name, for log, metrics and sessions: `Service/shop/orders:80`. */
  name: string;
  weight: number;
  stage: Stage;
  /** Endpoints that a session may be bound to, as `host:port`; undefined where there are none. */
  endpoints: (() => string[]) | undefined;
}

/** Its share of the requests is answered with 500. */
export function unresolvedBackend(reason: string): Stage {
  return () => {
    throw new BandstandError("backend-unresolved", reason);
  };
}
