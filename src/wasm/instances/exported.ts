import { BandstandError } from "../../foundation/errors/index.ts";
import { exportedInstead } from "../link/failure.ts";
import type { Compiled, ComponentInstance, GuestFunction } from "../link/index.ts";
import { commandStart, exportKey } from "../link/manifest.ts";

/** The one function that the gateway calls: of WASI 0.2, and of 0.3. */
const handlerName = "wasi:http/incoming-handler#handle";
const serviceName = "wasi:http/handler#handle";

/** Which exported function a request is for. */
export function exportedOf(compiled: Compiled, isProgram: boolean): string {
  if (isProgram) return commandStart;
  return isAsync(compiled, serviceName) ? serviceName : handlerName;
}

/** It is called asynchronously. */
export function isAsync({ manifest }: Compiled, name: string): boolean {
  return manifest.exports.some((plan) => plan.async === true && exportKey(plan) === name);
}

/** Throws `component-unsupported` where the component has no such function, or one that is called in another way. */
export function entryOf({ exports }: ComponentInstance, name: string, isService: boolean): GuestFunction {
  const exported = exports.get(name);
  if (exported === undefined) {
    const instead = exportedInstead([...exports.keys()]);
    throw new BandstandError("component-unsupported", `it exports no ${name.split("#")[0]}${instead}`, {
      remedy: "Build it for the world wasi:http/proxy, or service or middleware of WASI 0.3.",
    });
  }
  if (exported.plan.async === true && !isService) {
    const { interface: from, version } = exported.plan;
    throw new BandstandError(
      "component-unsupported",
      `its ${from}@${version} is called asynchronously, which is not done`,
      {
        remedy: "Build it for WASI 0.2.",
      },
    );
  }
  return exported;
}
