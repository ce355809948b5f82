import { afterwards, withoutHopByHop, type Stage, type Tries } from "../chain/index.ts";
import type { ServiceUpstream } from "../upstream/service.ts";

/** A service as the last stage of a chain. */
export function serviceBackend(upstream: ServiceUpstream, tries: Tries): Stage {
  const again = tries === "again";
  return (request, passage) =>
    afterwards(upstream.send(request, passage, again), (response) => {
      response.headers = withoutHopByHop(response.headers);
      return response;
    });
}
