import { FileError } from "../../../files/index.ts";
import type { Dialect } from "../../filesystem/dialect.ts";
import { atOnce } from "../at-once.ts";
import { putError, putStat, putType } from "./values.ts";

/** Whatever takes no more than an error: an `error-code` takes 16 bytes, aligned to 4. */
const small = { size: 20, align: 4, payload: 4 } as const;

export const wasi3: Dialect = {
  define: atOnce,
  layouts: {
    byte: small,
    handle: small,
    text: small,
    hash: { size: 24, align: 8, payload: 8 },
    stat: { size: 112, align: 8, payload: 8 },
  },
  told: { kind: FileError, put: (memory, at, { code }) => putError(memory, at, code) },
  putType,
  putStat,
  seconds: (value) => BigInt.asIntN(64, value),
};
