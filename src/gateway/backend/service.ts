import type { Stage, Tries } from "../chain/index.ts";
import type { ServiceUpstream } from "../upstream/service.ts";

/** A service as the last stage of a chain. */
export function serviceBackend(upstream: ServiceUpstream, tries: Tries): Stage {
  const again = tries === "again";
  return (request, passage) => upstream.send(request, passage, again);
}
