import type { ResolveTools } from "../../gitops/resolve/index.ts";
import { aheadFolder, AheadStore, findWasmEdge } from "../../wasm/index.ts";
import { digestOf, PreparedStore } from "../../wasm/prepare/index.ts";
import { prepareToServe, servedFrom } from "./prepare.ts";
import { Workshop } from "./workshop.ts";

/** Bytes from which on a component is prepared in a thread beside, which takes one as long to begin as these to prepare. */
const long = 1 << 20;

/** What resolving a site's references needs from this machine. */
export async function resolveTools(folders: { prepared: string; built: string }): Promise<ResolveTools> {
  const store = await PreparedStore.open(folders.prepared);
  const workshop = new Workshop(folders.prepared);
  return {
    build: async (folder, options) => {
      // Loaded where something is built: most calls build nothing.
      const { buildComponent } = await import("../../toolchains/index.ts");
      return buildComponent(folder, { cache: folders.built, ...options });
    },
    prepare: async (bytes, { isolation, runtime }) => {
      if (runtime === "v8") {
        const isLong = bytes.length > long && !(await store.has(digestOf(bytes), isolation));
        if (isLong) return workshop.prepare({ bytes, isolation });
        return servedFrom(await prepareToServe(store, bytes, isolation));
      }
      const program = await findWasmEdge(process.env);
      return (await AheadStore.open(aheadFolder(folders.prepared))).prepare(bytes, program);
    },
  };
}
