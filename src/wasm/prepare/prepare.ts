import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { CoreModule } from "../binary/index.ts";
import { decodeComponent, decodeModule } from "../binary/index.ts";
import type { HostLookup, Linked, Manifest } from "../link/index.ts";
import { link, linkModule, usedExports } from "../link/index.ts";
import type { IsHost, RewriteOptions } from "../rewrite/index.ts";
import { rewrite, scanAll } from "../rewrite/index.ts";
import { digestOf } from "./digest.ts";
import { refuseUnsupported } from "./proposals.ts";
import { whyAnew, withData, withMarks } from "./reset.ts";
import type { Isolation, Prepared } from "./prepared.ts";
import { refuseInvalid } from "./valid.ts";

/**
 * Decodes, links and rewrites a component, or a module of WASI 0.1. Pure, and slow for large ones: some 100 ms for 10 MB.
 * Throws `component-malformed` or `component-unsupported`.
 * @param lookup the host's functions; see `HostLookup`.
 * @param isolation request: with marks, so that an instance can be reset, where that is possible (`Manifest.reset`).
 */
export function prepare(bytes: Uint8Array, lookup: HostLookup, isolation: Isolation): Prepared {
  const { manifest, modules } = isModule(bytes) ? moduleOf(bytes, lookup) : link(decodeComponent(bytes), lookup);
  const used = usedExports(manifest);
  for (const module of modules) validate(module);
  const scans = scanAll(modules, hostFunctions(manifest));
  const anew = isolation === "request" ? whyAnew(modules, scans) : undefined;
  const reset = isolation === "request" && anew === undefined;
  const objects = modules.reduce((sum, { initialObjects }) => sum + initialObjects, 0);
  const finished: Manifest = {
    ...manifest,
    modules: manifest.modules.map((module) => ({ ...module, interruptible: true })),
    ...(objects > 0 && { objects }),
    ...(anew !== undefined && { anew }),
    ...(reset && {
      reset,
      steps: manifest.steps.map(withMarks),
      memories: withData(manifest.memories, modules, manifest.steps),
    }),
  };
  return {
    digest: digestOf(bytes),
    isolation,
    manifest: finished,
    modules: modules.map((module, i) => rewriteValid(module, { keepExports: used[i]!, reset, scanned: scans[i]! })),
  };
}

/** Which imports of modules are functions of the host, or calls to other components: what they do may take long. */
function hostFunctions({ steps }: Manifest): IsHost {
  const all = new Set<string>();
  for (const step of steps) {
    if (step.kind !== "instantiate") continue;
    for (const { module, name, source } of step.imports)
      if (source.kind === "host" || source.kind === "crossing") all.add(JSON.stringify([step.module, module, name]));
  }
  return (of, { module, name }) => all.has(JSON.stringify([of, module, name]));
}

/** By its first bytes: `\0asm`, version 1, of the layer of modules. */
function isModule(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0x61 && bytes[4] === 1 && bytes[6] === 0;
}

/** V8 is asked first: it says best what is wrong with a damaged one. */
function moduleOf(bytes: Uint8Array, lookup: HostLookup): Linked {
  refuseInvalid(bytes, (cause) => {
    const reason = messageOf(cause).replace(/^WebAssembly\.\w+\(\): /, "");
    refuseUnsupported(reason, cause);
    throw new BandstandError("component-malformed", `it is no valid WebAssembly module: ${reason}`, {
      remedy: "Check that the file is whole: build or fetch it once more.",
      cause,
    });
  });
  return linkModule(decodeModule(bytes), lookup);
}

/** Only a valid module may be rewritten: an index beyond its own would reach what the rewriter adds. */
function validate(module: CoreModule): void {
  refuseInvalid(module.bytes, (cause) => {
    refuseUnsupported(messageOf(cause), cause);
    throw new BandstandError(
      "component-malformed",
      `core module ${module.name ?? ""} is not valid: ${messageOf(cause)}`,
      {
        cause,
        remedy: "Build the component again; this engine refuses its code.",
      },
    );
  });
}

function rewriteValid(module: CoreModule, { keepExports, ...options }: RewriteOptions): Uint8Array {
  const rewritten = rewrite(module, { keepExports: keepExports!, ...options });
  if (WebAssembly.validate(rewritten as never)) return rewritten;
  // Code may name functions (`ref.func`) that nothing declares but their exports.
  const whole = rewrite(module, options);
  refuseInvalid(whole, (cause) => {
    throw new BandstandError(
      "component-unsupported",
      `core module ${module.name ?? ""} cannot be given interruption checks: ${messageOf(cause)}`,
      { cause, remedy: "Please report it with the component." },
    );
  });
  return whole;
}
