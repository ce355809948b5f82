import { BandstandError } from "../../../foundation/errors/index.ts";
import {
  isStream,
  type HttpRequest,
  type HttpResponse,
  type Pending,
  type RequestContext,
} from "../../../foundation/http/index.ts";
import type { ComponentPlan } from "../../../model/plan/index.ts";
import type { ComponentHost } from "../../../wasm/runtime.ts";
import type { ServiceUpstream } from "../service.ts";
import { withoutEmpty } from "./content.ts";
import { grantsOf, isGrantedOrigin, isThisMachine, originOf, type Origin } from "./grants.ts";
import type { Origins, Sent } from "./origin.ts";
import { bounded, defaultTimeouts, withPatience } from "./patience.ts";

/** Origins that a component without a list is told to send to: guests make up as many as they like. */
const mostUnlisted = 100;
/** Targets of a component that are known to be granted. */
const mostKnown = 100;

/**
 * Outbound HTTP of components: to Services of the site by the names that the plan lists, and to the origins
 * that it lists. Everything else is `component-denied`, or, where a plan only counts, told to `onUnlisted` and sent.
 */
export function outboundFetch(
  serviceOf: (id: string) => ServiceUpstream | undefined,
  origins: (plan: ComponentPlan) => Origins | Promise<Origins>,
  onUnlisted: (plan: ComponentPlan, origin: string, isNews: boolean) => void = () => {},
): (plan: ComponentPlan) => ComponentHost["fetch"] {
  return (plan) => {
    const grants = grantsOf(plan.capabilities.http);
    const unlisted = new Set<string>();
    const services = new Map(plan.capabilities.services.map(({ authority, service }) => [authority, service]));
    const known = new Map<string, Origin>();
    /** Where it goes. Throws `component-denied`. */
    const allowed = (scheme: Origin["scheme"], authority: string): Origin => {
      const target = `${scheme}://${authority}`;
      const before = known.get(target);
      if (before !== undefined) return before;
      const origin = originOf(scheme, authority);
      if (origin === undefined) throw denied(target);
      if (isGrantedOrigin(grants, origin)) {
        if (known.size < mostKnown) known.set(target, origin);
        return origin;
      }
      // This machine, its link and metadata are not for guests that nobody named them to, whatever the mode.
      if (plan.capabilities.mode !== "count" || isThisMachine(origin.host)) throw denied(target);
      const isNews = !unlisted.has(target) && unlisted.size < mostUnlisted;
      if (isNews) unlisted.add(target);
      onUnlisted(plan, target, isNews);
      return origin;
    };
    /** How a request gets there. */
    const way = ({ scheme, authority }: HttpRequest, connect: number): Sending | Promise<Sending> => {
      const service = scheme === "http" && services.size > 0 ? services.get(authority.toLowerCase()) : undefined;
      if (service !== undefined) return (request, context) => toService(serviceOf(service), service, request, context);
      const origin = allowed(scheme, authority);
      const by =
        (client: Origins): Sending =>
        (request, { remoteAddress }) =>
          client.send(request, origin, connect, { holder: { remoteAddress } });
      const client = origins(plan);
      return client instanceof Promise ? client.then(by) : by(client);
    };
    return (asked, context, wished) => {
      const timeouts = bounded(wished);
      const found = way(asked, timeouts.connect ?? defaultTimeouts.connect);
      const request = withoutEmpty(asked);
      const send = (to: Sending, ready: HttpRequest): Pending<HttpResponse> => {
        const sent = to(ready, context);
        context.onAbort(sent.abort);
        return withPatience(sent.response, sent.abort, timeouts);
      };
      if (!(found instanceof Promise) && !(request instanceof Promise)) return send(found, request);
      let aborted: BandstandError | undefined;
      context.onAbort((reason) => (aborted ??= reason));
      return Promise.all([found, request]).then(([to, ready]) => {
        if (aborted === undefined) return send(to, ready);
        if (isStream(ready.body)) ready.body.cancel(aborted);
        throw aborted;
      });
    };
  };
}

type Sending = (request: HttpRequest, context: RequestContext) => Sent;

function toService(
  upstream: ServiceUpstream | undefined,
  id: string,
  request: HttpRequest,
  { remoteAddress }: RequestContext,
): Sent {
  if (upstream === undefined) {
    const gone = new BandstandError("backend-unreachable", `service ${id} is not there any more`);
    return { response: Promise.reject(gone), abort: () => {} };
  }
  const listeners: ((reason: BandstandError) => void)[] = [];
  const onAbort = (listener: (reason: BandstandError) => void): void => void listeners.push(listener);
  const response = upstream.send(request, { endpoint: undefined, holder: { remoteAddress }, onAbort });
  return { response, abort: (reason) => listeners.forEach((listener) => listener(reason)) };
}

function denied(target: string): BandstandError {
  return new BandstandError("component-denied", `it may not send to ${target}`, {
    remedy: `List it under spec.capabilities.http (a host or an origin) or spec.capabilities.services (a Service) of the WasmComponent, or with --net of serve and run.`,
  });
}
