import { cryptography, isCryptographyLoaded } from "../../foundation/chance/index.ts";
import { mostBytes, sha256OfFew } from "./sha256.ts";

/** `sha256:<hex>` of a component's bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${sha256(bytes).toString("hex")}`;
}

export function sha256(bytes: Uint8Array): Buffer {
  if (bytes.length <= mostBytes && !isCryptographyLoaded()) return sha256OfFew(bytes);
  return cryptography().createHash("sha256").update(bytes).digest();
}
