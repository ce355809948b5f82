import { BandstandError } from "../../src/foundation/errors/index.ts";
import { decodeModule, encodeModule } from "../../src/wasm/binary/index.ts";
import { hostLookup } from "../../src/wasm/index.ts";
import { prepare } from "../../src/wasm/prepare/index.ts";
import { whyAnew } from "../../src/wasm/prepare/reset.ts";
import { rewrite, scan } from "../../src/wasm/rewrite/index.ts";
import { anyHost } from "../../src/wasm/testkit/index.ts";
import { isComponent } from "./corpus.ts";

/** A module that nothing is changed in is itself again, byte for byte. */
export function sameAgain(bytes: Uint8Array): void {
  if (Buffer.compare(encodeModule(decodeModule(bytes)), bytes) !== 0) {
    throw new Error("a module is not itself after decoding and encoding");
  }
}

/**
 * Whatever it is, it is taken or refused with a reason. Throws what is neither.
 * Answers whether it was taken.
 */
export function tryAll(bytes: Uint8Array): boolean {
  if (!isComponent(bytes)) return tryModule(bytes);
  const byHost = refusedOr(() => prepare(bytes, hostLookup, "request"));
  return refusedOr(() => prepare(bytes, anyHost, "reuse")) || byHost;
}

function tryModule(bytes: Uint8Array): boolean {
  return refusedOr(() => {
    const module = decodeModule(bytes);
    sameAgain(bytes);
    // Others are refused before they would be rewritten.
    if (!WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) return;
    const scanned = scan(module);
    for (const reset of [false, whyAnew([module], [scanned]) === undefined]) {
      if (!staysValid(rewrite(module, { reset, scanned })))
        throw new Error("a valid module is not valid when it is rewritten");
    }
  });
}

/**
 * V8 takes exceptions of the old and of the new kind, but not in one module; whether it notices depends on which of its
 * threads looks at which function first. So one "no" says nothing of such modules.
 */
function staysValid(bytes: Uint8Array): boolean {
  return Array.from({ length: 50 }).some(() => WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>));
}

function refusedOr(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof BandstandError) || error.code === "internal") throw error;
    if (error.message === "" || error.remedy === undefined)
      throw new Error("refused without saying what to do", { cause: error });
    return false;
  }
}
