import { BandstandError } from "../../foundation/errors/index.ts";
import { exportKey, type Manifest } from "../../wasm/link/index.ts";

/** Throws `component-unsupported` for a command, and leaves all others to who starts them. */
export function checkIsNoCommand({ exports }: Manifest, file: string): void {
  const names = exports.map((plan) => exportKey(plan));
  const serves = names.some((name) => /^wasi:http\/(?:incoming-)?handler#handle$/.test(name));
  if (!serves && names.includes("wasi:cli/run#run")) {
    throw refused("it is a command, and answers no HTTP requests", file);
  }
}

function refused(why: string, file: string): BandstandError {
  return new BandstandError("component-unsupported", `${file}: ${why}`, {
    remedy: `Run it: bandstand run ${file}. To serve, build it for the world wasi:http/proxy.`,
  });
}
