import { hostLookup } from "../../wasm/host/index.ts";
import { PreparedStore } from "../../wasm/prepare/store.ts";
import type { Prepared } from "../../wasm/prepare/prepared.ts";

/** The first time: links and rewrites a module or component, and keeps what comes of it. Throws what `prepare` throws. */
export async function prepareAnew(folder: string, bytes: Uint8Array): Promise<Prepared> {
  const store = await PreparedStore.open(folder);
  return store.prepare(bytes, hostLookup, "reuse");
}
