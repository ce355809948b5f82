import type { BandstandError } from "../../foundation/errors/index.ts";
import { findWasmEdge } from "../../wasm/index.ts";
import type { Finding } from "./finding.ts";

/** Only for components with `runtime: wasmedge`. */
export async function examineWasmEdge(
  needed: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Finding> {
  const subject = "wasmedge";
  try {
    const { version, command } = await findWasmEdge(environment);
    return { subject, state: "ok", message: `${version} (${command})` };
  } catch (error) {
    const { message, remedy = "" } = error as BandstandError;
    return { subject, state: needed ? "problem" : "missing", message, fix: remedy };
  }
}
