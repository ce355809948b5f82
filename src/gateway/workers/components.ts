import { BandstandError } from "../../foundation/errors/index.ts";
import type { ComponentPlan } from "../../model/plan/index.ts";
import { aheadFolder, AheadStore, findWasmEdge, loadWasmEdge, v8Runtime } from "../../wasm/index.ts";
import { grantedStores, SqliteStores, type KeyValueStores } from "../../wasm/keyvalue/index.ts";
import type { ComponentHost } from "../../wasm/runtime.ts";
import { PreparedStore } from "../../wasm/prepare/index.ts";
import type { ComponentSource } from "../configuration/components.ts";
import type { WorkerSettings } from "./protocol.ts";

/** Components from the prepared store, each in the runtime that its plan names. */
export async function componentSource(settings: WorkerSettings): Promise<ComponentSource> {
  const store = await PreparedStore.open(settings.preparedFolder);
  const stores = new Stores(settings.keyValueFile);
  return {
    async load(plan, given) {
      const host = { ...given, keyValue: stores.of(plan) };
      if (plan.runtime === "wasmedge") {
        const program = await findWasmEdge(process.env);
        const ahead = await AheadStore.open(aheadFolder(settings.preparedFolder));
        return loadWasmEdge(plan, (await ahead.find(plan.digest, program)) ?? unprepared(plan.digest), program, host);
      }
      return store.lend(plan.digest, plan.isolation, (prepared) =>
        v8Runtime.load(plan, prepared ?? unprepared(plan.digest), host),
      );
    },
  };
}

/** The key-value stores of the site; the file is made when a component first may use one. */
class Stores {
  readonly #file: string | undefined;
  #opened: KeyValueStores | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** Throws `state-refused` for a damaged file, before the component serves. */
  of({ id, capabilities: { keyValue } }: ComponentPlan): NonNullable<ComponentHost["keyValue"]> {
    const file = this.#file;
    if (keyValue.length === 0) return () => "access-denied";
    if (file === undefined) return () => "no-such-store";
    const opened = (this.#opened ??= new SqliteStores(file));
    const namespace = id.slice(0, id.indexOf("/"));
    return grantedStores(opened, namespace, keyValue);
  }
}

function unprepared(digest: string): never {
  throw new BandstandError("cache-corrupt", `${digest} is not prepared`, {
    remedy: "Start the site again, which prepares it.",
  });
}
