import type { ComponentPlan } from "../../model/plan/index.ts";

/** Whether instances shall be reset for every request, or serve many as they are. */
export type Isolation = ComponentPlan["isolation"];

/**
 * A component after decode, link and rewrite: plain data and core modules, made once a digest
 * at deploy time, cached on disk under digest and host version, shared between threads.
 */
export interface Prepared {
  /** `sha256:<hex>` of the component as it came. */
  digest: string;
  /** An instance answers one request and no second; undefined: nobody tried. */
  answersOnce?: boolean;
  /** What it was prepared for: request may hold marks, so that instances can be reset. */
  isolation: Isolation;
  /** Plain data that tells how the modules are instantiated and joined; defined by `wasm/link`. */
  manifest: unknown;
  /** Core modules by index in the manifest, already rewritten. */
  modules: Uint8Array[];
}
