import type { ResolveTools } from "../../gitops/resolve/index.ts";
import { aheadFolder, AheadStore, findWasmEdge } from "../../wasm/index.ts";
import type { Manifest } from "../../wasm/link/index.ts";
import { PreparedStore } from "../../wasm/prepare/index.ts";
import { prepareToServe } from "./prepare.ts";

/** What resolving a site's references needs from this machine. */
export async function resolveTools(folders: { prepared: string; built: string }): Promise<ResolveTools> {
  const store = await PreparedStore.open(folders.prepared);
  return {
    build: async (folder, options) => {
      // Loaded where something is built: most calls build nothing.
      const { buildComponent } = await import("../../toolchains/index.ts");
      return buildComponent(folder, { cache: folders.built, ...options });
    },
    prepare: async (bytes, { isolation, runtime }) => {
      if (runtime === "v8") {
        const { digest, answersOnce, manifest } = await prepareToServe(store, bytes, isolation);
        const { anew } = manifest as Manifest;
        return { digest, ...(answersOnce === true && { answersOnce }), ...(anew !== undefined && { anew }) };
      }
      const program = await findWasmEdge(process.env);
      return (await AheadStore.open(aheadFolder(folders.prepared))).prepare(bytes, program);
    },
  };
}
