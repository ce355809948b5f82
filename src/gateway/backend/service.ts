import { afterwards, withoutHopByHop, type Stage } from "../chain/index.ts";
import type { ServiceUpstream } from "../upstream/service.ts";

/** A service as the last stage of a chain. */
export function serviceBackend(upstream: ServiceUpstream): Stage {
  return (request, passage) =>
    afterwards(upstream.send(request, passage), (response) => {
      response.headers = withoutHopByHop(response.headers);
      return response;
    });
}
