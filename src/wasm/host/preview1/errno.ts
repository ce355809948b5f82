import { FileError, fileErrorCodes, type FileErrorCode } from "../../files/contract.ts";
import { errno, type ErrnoName } from "./errno-numbers.ts";

/** What failures with files are called here, in the order of `fileErrorCodes`. */
const ofFiles: readonly ErrnoName[] = [
  "acces", "again", "already", "badf", "busy", "deadlk", "dquot", "exist", "fbig", "ilseq", "inprogress", "intr",
  "inval", "io", "isdir", "loop", "mlink", "msgsize", "nametoolong", "nodev", "noent", "nolck", "nomem", "nospc",
  "notdir", "notempty", "notrecoverable", "notsup", "notty", "nxio", "overflow", "perm", "pipe", "rofs", "spipe",
  "txtbsy", "xdev", "mfile",
]; // prettier-ignore

/** Made with the first failure. */
let byCode: Map<FileErrorCode, number> | undefined;

/** Why a function does not do what it was called for, as its caller is told. */
export class Refused extends Error {
  readonly errno: number;

  /** Programs are refused again and again, and nobody reads where: to note that takes ten times as long as the rest. */
  constructor(name: ErrnoName) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(name);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = "Refused";
    this.errno = errno[name];
  }
}

/** Does something, and answers 0 or the `errno` of what stood against it. */
export function attempt(act: () => void): number {
  try {
    act();
    return errno.success;
  } catch (error) {
    return errnoOf(error);
  }
}

/** The `errno` of what was thrown; what is no refusal, such as a trap, is thrown on. */
export function errnoOf(error: unknown): number {
  if (error instanceof Refused) return error.errno;
  if (!(error instanceof FileError)) throw error;
  byCode ??= new Map(fileErrorCodes.map((code, i) => [code, errno[ofFiles[i]!]]));
  return byCode.get(error.code)!;
}
