import { BandstandError } from "../../foundation/errors/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import { hostLookup, loadNamed } from "../../wasm/host/lookup.ts";
import { prepare } from "../../wasm/prepare/prepare.ts";
import type { Prepared } from "../../wasm/prepare/prepared.ts";
import { PreparedStore } from "../../wasm/prepare/store.ts";

/**
 * The first time: links and rewrites a module or component, and keeps what comes of it. Where nothing can be kept, it is made
 * each time, which is said. Throws what `prepare` throws.
 */
export async function prepareAnew(folder: string, bytes: Uint8Array, logger: Logger): Promise<Prepared> {
  await loadNamed(bytes);
  try {
    const store = await PreparedStore.open(folder);
    return await store.prepareKept(bytes, hostLookup, "reuse");
  } catch (error) {
    if (!(error instanceof BandstandError) || !unkept.has(error.code)) throw error;
    const { message, remedy } = error;
    logger.warn("what is prepared cannot be kept, and every call makes it anew", {
      error: message,
      ...(remedy && { remedy }),
    });
    return prepare(bytes, hostLookup, "reuse");
  }
}

/** A folder that is not there, not ours, or full. */
const unkept = new Set(["state-refused", "environment"]);
