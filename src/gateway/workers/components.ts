import { BandstandError } from "../../foundation/errors/index.ts";
import { aheadFolder, AheadStore, findWasmEdge, loadWasmEdge, v8Runtime } from "../../wasm/index.ts";
import { PreparedStore } from "../../wasm/prepare/index.ts";
import type { ComponentSource } from "../configuration/components.ts";
import type { WorkerSettings } from "./protocol.ts";

/** Components from the prepared store, each in the runtime that its plan names. */
export async function componentSource(settings: WorkerSettings): Promise<ComponentSource> {
  const store = await PreparedStore.open(settings.preparedFolder);
  return {
    async load(plan, host) {
      if (plan.runtime === "wasmedge") {
        const program = await findWasmEdge(process.env);
        const ahead = await AheadStore.open(aheadFolder(settings.preparedFolder));
        return loadWasmEdge(plan, (await ahead.find(plan.digest, program)) ?? unprepared(plan.digest), program, host);
      }
      return v8Runtime.load(plan, (await store.load(plan.digest, plan.isolation)) ?? unprepared(plan.digest), host);
    },
  };
}

function unprepared(digest: string): never {
  throw new BandstandError("cache-corrupt", `${digest} is not prepared`, {
    remedy: "Start the site again, which prepares it.",
  });
}
