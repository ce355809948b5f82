/**
 * A component after decode, link and rewrite: plain data and core modules, made once a digest
 * at deploy time, cached on disk under digest and host version, shared between threads.
 */
export interface Prepared {
  /** `sha256:<hex>` of the component as it came. */
  digest: string;
  /** Plain data that tells how the modules are instantiated and joined; defined by `wasm/link`. */
  manifest: unknown;
  /** Core modules by index in the manifest, already rewritten. */
  modules: Uint8Array[];
}
