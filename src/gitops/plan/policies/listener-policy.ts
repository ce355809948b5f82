import type { BandstandPolicy } from "../../../model/kinds/types.ts";
import type { ClientsPlan, ErrorPagePlan, ListenerPlan } from "../../../model/plan/index.ts";
import { compare, type Inventory } from "../inventory.ts";

/** What a policy says of a listener's clients and of the gateway's own answers there. */
export function listenerPolicyOf(
  { metadata, spec }: BandstandPolicy,
  inventory: Inventory,
): Pick<ListenerPlan, "clients" | "errorPages"> {
  const map = spec.errorPages && inventory.find("ConfigMap", metadata.namespace, spec.errorPages.configMap);
  const pages = map === undefined ? [] : pagesOf(map.data ?? {});
  return {
    ...(spec.clients && { clients: clientsOf(spec.clients) }),
    ...(pages.length > 0 && { errorPages: pages }),
  };
}

function clientsOf(clients: NonNullable<BandstandPolicy["spec"]["clients"]>): ClientsPlan {
  const { trustedProxies = [], proxyProtocol, via, minimumBodyRate, traceContext } = clients;
  const createTraces = traceContext === "Create";
  return {
    trustedProxies,
    proxyProtocol,
    createTraces,
    ...(via === undefined ? {} : { via }),
    ...(minimumBodyRate === undefined ? {} : { minimumBodyRate }),
  };
}

const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  json: "application/json",
  txt: "text/plain; charset=utf-8",
};
const pageKey = /^([45]\d\d|[45]xx)(?:\.(html|json|txt))?$/;

/** Keys that are no status are for others. */
function pagesOf(data: Record<string, string>): ErrorPagePlan[] {
  return Object.entries(data)
    .toSorted(([a], [b]) => compare(a, b))
    .flatMap(([key, page]) => {
      const found = pageKey.exec(key);
      if (found === null) return [];
      const [, status = "", extension = "html"] = found;
      const of = status.endsWith("xx") ? (status as "4xx" | "5xx") : Number(status);
      return [{ status: of, type: types[extension] as string, page }];
    });
}
