import type { ResolvedComponent } from "../../gitops/plan/index.ts";
import { answersOnce, hostLookup } from "../../wasm/index.ts";
import type { Manifest } from "../../wasm/link/index.ts";
import type { Prepared, PreparedStore } from "../../wasm/prepare/index.ts";

/**
 * Prepares a component that answers requests. Where instances were to be reused and answer one request only (`answersOnce`),
 * what comes is prepared for a fresh state for each request. Throws what `prepare` throws.
 */
export async function prepareToServe(
  store: PreparedStore,
  bytes: Uint8Array,
  isolation: Prepared["isolation"],
): Promise<Prepared> {
  if (isolation === "request") return store.prepare(bytes, hostLookup, "request");
  const prepared = await store.prepare(bytes, hostLookup, "reuse", answersOnce);
  if (prepared.answersOnce !== true) return prepared;
  return { ...(await store.prepare(bytes, hostLookup, "request")), answersOnce: true };
}

/** What a site is told of it. */
export function servedFrom({ digest, answersOnce, manifest }: Prepared): ResolvedComponent {
  const { anew } = manifest as Manifest;
  return { digest, ...(answersOnce === true && { answersOnce }), ...(anew !== undefined && { anew }) };
}
