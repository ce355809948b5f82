import { BandstandError } from "./error.ts";

/**
 * What the system refused to a program that asked for nothing wrong: no mistake of ours, and nothing that a stack explains.
 * Undefined for anything else.
 */
export function ofSystem(error: unknown): BandstandError | undefined {
  if (!(error instanceof Error) || error instanceof BandstandError) return undefined;
  const { code = "", path, syscall } = error as NodeJS.ErrnoException;
  const found = refusals[code];
  if (found === undefined || syscall === undefined) return undefined;
  const [why, remedy] = found;
  const message = path === undefined ? `a file cannot be used: ${why}` : `${path} cannot be used: ${why}`;
  return new BandstandError("environment", message, { remedy, cause: error });
}

/** The error of a file's handle with the path that it does not know. */
export function withPath(error: unknown, path: string): unknown {
  const known = error as NodeJS.ErrnoException;
  if (error instanceof Error && known.syscall !== undefined) known.path ??= path;
  return error;
}

/** Why it says nothing of what is in a full file: that is as it was. */
export const noSpace = "no space is left on its disk";

/** Each place that Bandstand writes to by itself can be another one. */
export const makeRoom =
  "Make room there, or name a folder on another disk: BANDSTAND_STATE for the state of sites, XDG_CACHE_HOME for caches, TMPDIR for temporary files.";

const allow =
  "Let this user read and write it, or name another folder: BANDSTAND_STATE for the state of sites, XDG_CACHE_HOME for caches, TMPDIR for temporary files.";

const refusals: Partial<Record<string, readonly [why: string, remedy: string]>> = {
  ENOSPC: [noSpace, makeRoom],
  EDQUOT: ["this user's quota of its disk is used up", makeRoom],
  EROFS: ["its disk is read-only", allow],
  EACCES: ["this user may not", allow],
  EPERM: ["this user may not", allow],
  EMFILE: ["this process has too many files open", "Allow it more: ulimit -n 65536"],
  ENFILE: ["all processes together have too many files open", "Close others, or raise fs.file-max of the system."],
};
