import { BandstandError } from "../../foundation/errors/index.ts";
import { secretKey, type SecretRef, type SecretValues } from "../../model/plan/index.ts";

/** The value that a plan points at. Throws `internal` where it did not come along. */
export function valueOf(ref: SecretRef, secrets: SecretValues): Uint8Array {
  const value = secrets.get(secretKey(ref));
  if (value === undefined) throw new BandstandError("internal", `no value came for ${secretKey(ref)}`);
  return value;
}
