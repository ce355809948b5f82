import type { CommandEnd, CommandGrants } from "../../wasm/commands/index.ts";
import { aheadFolder, AheadStore, findWasmEdge, runUnderWasmEdge } from "../../wasm/runtimes/wasmedge/index.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * Runs a module under WasmEdge, compiled ahead of time, once for each version of both. Throws `environment` where WasmEdge is
 * not there, and `component-unsupported` for what is no module of WASI 0.1.
 */
export async function runInWasmEdge(
  bytes: Uint8Array,
  grants: CommandGrants,
  prepared: string,
  environment: Terminal["environment"],
): Promise<CommandEnd> {
  const program = await findWasmEdge(environment);
  const store = await AheadStore.open(aheadFolder(prepared));
  const { digest } = await store.prepare(bytes, program);
  return runUnderWasmEdge(program, store.fileOf(digest, program), grants);
}
