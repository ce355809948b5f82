import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { BandstandError } from "../foundation/errors/index.ts";
import { withScratch } from "../foundation/files/index.ts";
import { fromCache, intoCache } from "./cache.ts";
import { toolchains } from "./registry.ts";
import { copySources } from "./source/index.ts";
import type { BuildLimits, Language, Toolchain } from "./toolchain.ts";

export interface BuildOptions {
  /** Folder where results are kept by the hash of what they were made of; made where missing. */
  cache?: string;
  /** Milliseconds and bytes; 120 s and 3 GiB where not given. */
  limits?: Partial<BuildLimits>;
  /** Told when a compiler starts; not where the result is in the cache. */
  onStart?: () => void;
  /** Stops the build. */
  signal?: AbortSignal;
}

export interface BuiltComponent {
  bytes: Uint8Array;
  language: Language;
  /** Files that the build was made of, relative to the folder. */
  sources: string[];
  /** As `sourceHash(folder)` gives it. */
  hash: string;
  /** Other languages that the folder could have been taken for. */
  others: Language[];
  /** True where nothing had to be built. */
  cached: boolean;
}

/**
 * Builds the component whose sources stand in a folder; never writes there. Runs compilers: callers ask
 * the user first. Throws `build-failed` (BuildError with places where known) or `environment`.
 */
export async function buildComponent(folder: string, options: BuildOptions = {}): Promise<BuiltComponent> {
  const limits: BuildLimits = { timeout: 120_000, memory: 3 * 2 ** 30, ...options.limits };
  return withScratch("build", async (scratch) => {
    const [copy, output] = [join(scratch, "source"), join(scratch, "output")];
    await Promise.all([mkdir(copy), mkdir(output)]);
    const sources = await copySources(folder, copy);
    const toolchain = languageOf(sources.files, folder);
    const key = createHash("sha256")
      .update(`${sources.hash} ${await toolchain.fingerprint()}`)
      .digest("hex");
    const { language } = toolchain;
    const names = new Set(sources.files);
    const others = toolchains
      .filter((each) => each !== toolchain && each.recognises(names))
      .map((each) => each.language);
    const described = { language, others, sources: sources.files, hash: sources.hash };
    const kept = await fromCache(options.cache, key);
    if (kept !== undefined) return { bytes: kept, ...described, cached: true };

    options.onStart?.();
    const timeout = AbortSignal.timeout(limits.timeout);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    const bytes = await toolchain.build({ folder: copy, output, original: folder, sources, limits, signal });
    await intoCache(options.cache, key, bytes);
    return { bytes, ...described, cached: false };
  });
}

/** The toolchain for a folder with these files. Throws `build-failed` that lists the choices. */
export function languageOf(files: readonly string[], folder: string): Toolchain {
  const names = new Set(files);
  const found = toolchains.find((each) => each.recognises(names));
  if (found !== undefined) return found;
  const choices = toolchains.map((each) => `${each.language}: ${each.recognisedBy}`).join("; ");
  throw new BandstandError("build-failed", `no language recognised in ${folder}; expected one of ${choices}`, {
    remedy: "docs/authoring.md shows a folder of each language.",
  });
}
