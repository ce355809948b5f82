import { BandstandError } from "../../../foundation/errors/index.ts";
import type { ComponentPlan } from "../../../model/plan/index.ts";
import type { ComponentHost } from "../../../wasm/runtime.ts";
import type { ServiceUpstream } from "../service.ts";

/** Outbound HTTP of components: to Services of the site, and to the origins that the plan lists. */
export function outboundFetch(
  serviceOf: (id: string) => ServiceUpstream | undefined,
): (plan: ComponentPlan) => ComponentHost["fetch"] {
  return (plan) => {
    const services = new Map(plan.capabilities.services.map(({ authority, service }) => [authority, service]));
    return async (request, context) => {
      const service = services.get(request.authority.toLowerCase());
      const upstream = service === undefined ? undefined : serviceOf(service);
      if (upstream === undefined) {
        throw new BandstandError("component-denied", `${plan.id} may not send to ${request.authority}`);
      }
      return upstream.send(request, {
        endpoint: undefined,
        onAbort: (listener) =>
          context.signal.addEventListener("abort", () => listener(context.signal.reason as BandstandError), {
            once: true,
          }),
      });
    };
  };
}
