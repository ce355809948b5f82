import type { ComponentPlan } from "../../model/plan/index.ts";
import type { ComponentHost } from "../../wasm/runtime.ts";

/** Requests that a command sends, by its own `--net`. The client is loaded with the first one: most send none. */
export function fetchFor(plan: ComponentPlan): ComponentHost["fetch"] {
  let loading: Promise<ComponentHost["fetch"]> | undefined;
  return async (...request) => {
    loading ??= load(plan);
    return (await loading)(...request);
  };
}

async function load(plan: ComponentPlan): Promise<ComponentHost["fetch"]> {
  const [{ outboundFetch }, { Origins }] = await Promise.all([
    import("../../gateway/upstream/outbound/fetch.ts"),
    import("../../gateway/upstream/outbound/origin.ts"),
  ]);
  const origins = new Origins(plan.authorities);
  return outboundFetch(
    () => undefined,
    async () => origins,
  )(plan);
}
