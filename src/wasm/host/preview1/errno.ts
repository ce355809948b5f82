import { FileError, fileErrorCodes, type FileErrorCode } from "../../files/contract.ts";

/** Names of `errno` in the order of their numbers: the same in `wasi_snapshot_preview1` and `wasi_unstable`. */
const names = [
  "success", "2big", "acces", "addrinuse", "addrnotavail", "afnosupport", "again", "already", "badf", "badmsg", "busy",
  "canceled", "child", "connaborted", "connrefused", "connreset", "deadlk", "destaddrreq", "dom", "dquot", "exist",
  "fault", "fbig", "hostunreach", "idrm", "ilseq", "inprogress", "intr", "inval", "io", "isconn", "isdir", "loop",
  "mfile", "mlink", "msgsize", "multihop", "nametoolong", "netdown", "netreset", "netunreach", "nfile", "nobufs",
  "nodev", "noent", "noexec", "nolck", "nolink", "nomem", "nomsg", "noprotoopt", "nospc", "nosys", "notconn", "notdir",
  "notempty", "notrecoverable", "notsock", "notsup", "notty", "nxio", "overflow", "ownerdead", "perm", "pipe", "proto",
  "protonosupport", "prototype", "range", "rofs", "spipe", "srch", "stale", "timedout", "txtbsy", "xdev", "notcapable",
] as const; // prettier-ignore

export type ErrnoName = (typeof names)[number];

/** The number of each. */
export const errno = Object.fromEntries(names.map((name, i) => [name, i])) as Readonly<Record<ErrnoName, number>>;

/** What failures with files are called here, in the order of `fileErrorCodes`. */
const ofFiles: readonly ErrnoName[] = [
  "acces", "again", "already", "badf", "busy", "deadlk", "dquot", "exist", "fbig", "ilseq", "inprogress", "intr",
  "inval", "io", "isdir", "loop", "mlink", "msgsize", "nametoolong", "nodev", "noent", "nolck", "nomem", "nospc",
  "notdir", "notempty", "notrecoverable", "notsup", "notty", "nxio", "overflow", "perm", "pipe", "rofs", "spipe",
  "txtbsy", "xdev", "mfile",
]; // prettier-ignore

const byCode = new Map<FileErrorCode, number>(fileErrorCodes.map((code, i) => [code, errno[ofFiles[i]!]]));

/** Why a function does not do what it was called for, as its caller is told. */
export class Refused extends Error {
  readonly errno: number;

  constructor(name: ErrnoName) {
    super(name);
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
  if (error instanceof FileError) return byCode.get(error.code)!;
  throw error;
}
