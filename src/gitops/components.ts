import type { Resources } from "../model/index.ts";
import type { Resolved } from "./plan/index.ts";

/** What was found of a component that can be served, beside its problems. */
export interface ComponentFacts {
  namespace: string;
  name: string;
  /** `sha256:<hex>` of its bytes. */
  digest: string;
  /**
   * What serves a request: an instance that is put back to the state that it had after its start, a new one, or
   * one as the last request left it; of WasmEdge, a process.
   */
  instances: "reset" | "new" | "reused" | "process";
  /** Why it is another than the YAML lets expect. */
  why?: string;
}

/** In the order of the site's files. */
export function componentFacts(resources: Resources, { components }: Resolved): ComponentFacts[] {
  return resources.all("WasmComponent").flatMap(({ metadata: { namespace, name }, spec }): ComponentFacts[] => {
    const found = components.get(`${namespace}/${name}`);
    if (found === undefined || "reason" in found) return [];
    const { digest, answersOnce, anew } = found;
    const of = { namespace, name, digest };
    if (spec.runtime === "wasmedge") return [{ ...of, instances: "process" }];
    if (spec.isolation === "reuse" && answersOnce !== true) return [{ ...of, instances: "reused" }];
    if (anew !== undefined) return [{ ...of, instances: "new", why: anew }];
    return [
      { ...of, instances: "reset", ...(answersOnce === true && { why: "an instance answers one request only" }) },
    ];
  });
}
