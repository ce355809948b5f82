import type { ResolvedComponent } from "../plan/index.ts";

/** What needs a compiler or a Containerfile, told to whoever asks the user. */
export interface BuildNeed {
  type: "component" | "image";
  /** Relative to the site's folder. */
  folder: string;
  /** `Kind/namespace/name`. */
  resource: string;
}

/** What resolving asks others to do; wired where the program starts. */
export interface ResolveTools {
  /** Builds the component of a folder. Throws `build-failed` or `environment`. */
  build(folder: string, options: { signal?: AbortSignal; onStart?: () => void }): Promise<{ bytes: Uint8Array }>;
  /** Prepares a component and keeps it. Throws `component-malformed`, `component-unsupported`, `environment`. */
  prepare(
    bytes: Uint8Array,
    how: { isolation: "request" | "reuse"; runtime: "v8" | "wasmedge" },
  ): Promise<ResolvedComponent>;
  /** Fetches a component from a registry, by digest where it is known. Without it, `image:` is not served. */
  pull?(
    reference: string,
    digest: string | undefined,
    options: { signal?: AbortSignal },
  ): Promise<{ digest: string; bytes: Uint8Array }>;
}

export interface ResolveOptions {
  tools: ResolveTools;
  /** False: nothing is built; what would have to be is left unresolved without a problem. */
  builds: boolean;
  /** Refuses to change the lock file. */
  frozen?: boolean;
  signal?: AbortSignal;
  /** Told before each component: which, how many were done before it, and how many there are. */
  onComponent?(component: string, done: number, of: number): void;
  /** Told when a compiler starts; not for what was built before and did not change. */
  onBuild?(need: BuildNeed): void;
}
