import { BandstandError } from "../../../foundation/errors/index.ts";
import type { HttpRequest } from "../../../foundation/http/index.ts";
import type { ComponentPlan } from "../../../model/plan/index.ts";
import type { ComponentHost } from "../../../wasm/runtime.ts";
import type { ServiceUpstream } from "../service.ts";
import { isGrantedOrigin, originOf } from "./grants.ts";
import type { Origins, Sent } from "./origin.ts";
import { defaultTimeouts, withPatience } from "./patience.ts";

/**
 * Outbound HTTP of components: to Services of the site by the names that the plan lists, and to the origins
 * that it lists. Everything else is `component-denied`.
 */
export function outboundFetch(
  serviceOf: (id: string) => ServiceUpstream | undefined,
  origins: () => Promise<Origins>,
): (plan: ComponentPlan) => ComponentHost["fetch"] {
  return (plan) => {
    const services = new Map(plan.capabilities.services.map(({ authority, service }) => [authority, service]));
    return async (request, context, timeouts) => {
      const service = request.scheme === "http" ? services.get(request.authority.toLowerCase()) : undefined;
      let sent: Sent;
      if (service !== undefined) sent = toService(serviceOf(service), service, request);
      else {
        const origin = originOf(request.scheme, request.authority);
        if (origin === undefined || !isGrantedOrigin(plan.capabilities.http, origin)) {
          throw denied(plan, `${request.scheme}://${request.authority}`);
        }
        sent = (await origins()).send(request, timeouts.connect ?? defaultTimeouts.connect);
      }
      context.onAbort(sent.abort);
      return withPatience(sent.response, sent.abort, timeouts);
    };
  };
}

function toService(upstream: ServiceUpstream | undefined, id: string, request: HttpRequest): Sent {
  if (upstream === undefined) {
    const gone = new BandstandError("backend-unreachable", `service ${id} is not there any more`);
    return { response: Promise.reject(gone), abort: () => {} };
  }
  const listeners: ((reason: BandstandError) => void)[] = [];
  const response = upstream.send(request, { endpoint: undefined, onAbort: (listener) => listeners.push(listener) });
  return { response, abort: (reason) => listeners.forEach((listener) => listener(reason)) };
}

function denied(plan: ComponentPlan, target: string): BandstandError {
  return new BandstandError("component-denied", `component ${plan.id} may not send to ${target}`, {
    remedy: `list it under spec.capabilities.http (an origin) or spec.capabilities.services (a Service) of the WasmComponent`,
  });
}
