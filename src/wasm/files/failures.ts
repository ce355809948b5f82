import { FileError, type FileErrorCode } from "./contract.ts";

/** What the operating system's names for failures are to guests; all others are `io`. */
const codes: Readonly<Record<string, FileErrorCode>> = {
  EACCES: "access",
  EAGAIN: "would-block",
  EALREADY: "already",
  EBADF: "bad-descriptor",
  EBUSY: "busy",
  EDEADLK: "deadlock",
  EDQUOT: "quota",
  EEXIST: "exist",
  EFBIG: "file-too-large",
  EILSEQ: "illegal-byte-sequence",
  EINPROGRESS: "in-progress",
  EINTR: "interrupted",
  EINVAL: "invalid",
  EISDIR: "is-directory",
  ELOOP: "loop",
  EMFILE: "too-many-open-files",
  EMLINK: "too-many-links",
  EMSGSIZE: "message-size",
  ENAMETOOLONG: "name-too-long",
  ENFILE: "too-many-open-files",
  ENODEV: "no-device",
  ENOENT: "no-entry",
  ENOLCK: "no-lock",
  ENOMEM: "insufficient-memory",
  ENOSPC: "insufficient-space",
  ENOSYS: "unsupported",
  ENOTDIR: "not-directory",
  ENOTEMPTY: "not-empty",
  ENOTRECOVERABLE: "not-recoverable",
  ENOTSUP: "unsupported",
  ENOTTY: "no-tty",
  ENXIO: "no-such-device",
  EOPNOTSUPP: "unsupported",
  EOVERFLOW: "overflow",
  EPERM: "not-permitted",
  EPIPE: "pipe",
  EROFS: "read-only",
  ESPIPE: "invalid-seek",
  ETXTBSY: "text-file-busy",
  EXDEV: "cross-device",
};

/** Does something with the operating system: what it refuses is a `FileError`, without the host's own paths. */
export function attempt<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

/** What the operating system refused; undefined: it did not refuse, something else is wrong. */
export function refusalOf(error: unknown): FileError | undefined {
  if (error instanceof FileError) return error;
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined) return undefined;
  return new FileError(codes[code] ?? "io");
}
