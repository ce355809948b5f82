import { BandstandError } from "../../foundation/errors/index.ts";
import { v8Runtime } from "../../wasm/index.ts";
import { PreparedStore } from "../../wasm/prepare/index.ts";
import type { ComponentSource } from "../configuration/components.ts";
import type { WorkerSettings } from "./protocol.ts";

/** Components from the prepared store, run by V8. */
export async function componentSource(settings: WorkerSettings): Promise<ComponentSource> {
  const store = await PreparedStore.open(settings.preparedFolder);
  return {
    async load(plan, host) {
      const prepared = await store.load(plan.digest, plan.isolation);
      if (prepared === undefined) {
        throw new BandstandError("cache-corrupt", `${plan.digest} is not prepared`, {
          remedy: "Start the site again, which prepares it.",
        });
      }
      return v8Runtime.load(plan, prepared, host);
    },
  };
}
