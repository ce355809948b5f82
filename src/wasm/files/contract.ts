/** A directory of the host that a guest may use, and under what name it sees it. */
export interface Grant {
  /** Absolute path of a directory that is there. */
  host: string;
  /** What the guest calls it: `/`, `/data`, `.`. */
  guest: string;
  /** Nothing below it can be changed through this grant. */
  readOnly: boolean;
}

/** The directories of one guest, open; everything that the guest opens below them belongs to it too. */
export interface GrantedFiles {
  /** In the order of the grants. They stay open until `close`, whatever the guest does with its handles. */
  readonly directories: readonly GrantedDirectory[];
  /** Closes these directories and whatever of them is still open. Idempotent. */
  close(): void;
}

export interface GrantedDirectory {
  readonly guest: string;
  readonly descriptor: Descriptor;
}

/**
 * An open file or directory, as `wasi:filesystem/types` has it. It has no position and no append mode: whoever needs
 * those keeps them beside it. All calls are synchronous; none waits for another program (pipes and devices are opened
 * so that they answer `would-block`). Every failure is a `FileError`.
 *
 * Paths of the methods that end with `At` are relative to this directory and never lead out of it, neither by `..`,
 * nor by links, nor while somebody exchanges what lies on the way: that is `not-permitted`. They are not Unicode
 * normalised. `follow` says what becomes of a link in the last place; links before it are always followed.
 *
 * What changes something through a read-only grant is `read-only`. What only directories have is `not-directory` on
 * others; what only files have is `bad-descriptor` on directories.
 */
export interface Descriptor {
  readonly type: FileType;
  readonly flags: DescriptorFlags;

  /** Bytes from `offset` on, as many as are there and have room. Answers their number; 0: the end. */
  read(into: Uint8Array, offset: bigint): number;
  /** Answers how many bytes were written, which may be fewer. A gap before `offset` reads as zeroes. */
  write(bytes: Uint8Array, offset: bigint): number;
  /** Writes behind whatever the file holds by then, as one step. Answers how many bytes were written. */
  append(bytes: Uint8Array): number;
  /** Checked and taken as no more than a hint. */
  advise(offset: bigint, length: bigint): void;
  setSize(size: bigint): void;
  /** Data and metadata are on the disk afterwards. */
  sync(): void;
  syncData(): void;

  stat(): FileStat;
  /** Times are set to the nanosecond where the system has a `touch` that can, else to a quarter of a microsecond. */
  setTimes(accessed: NewTime, modified: NewTime): void;
  metadataHash(): MetadataHash;
  isSameObject(other: Descriptor): boolean;

  /** What it holds, without `.` and `..`, in no order. Close it. */
  readDirectory(): DirectoryReader;
  openAt(path: string, how: OpenHow): Descriptor;
  statAt(path: string, follow: boolean): FileStat;
  setTimesAt(path: string, follow: boolean, accessed: NewTime, modified: NewTime): void;
  metadataHashAt(path: string, follow: boolean): MetadataHash;
  createDirectoryAt(path: string): void;
  removeDirectoryAt(path: string): void;
  unlinkFileAt(path: string): void;
  /** A second name for a file; a link in the last place of `path` gets the name itself. */
  linkAt(path: string, to: Descriptor, newPath: string): void;
  /** @param target relative, and as the link will hold it; an absolute one is `not-permitted`. */
  symlinkAt(target: string, path: string): void;
  /** What a link holds; one that was made outside and is absolute is `not-permitted`. */
  readlinkAt(path: string): string;
  renameAt(path: string, to: Descriptor, newPath: string): void;

  /** One more that uses it and will call `close`; answers itself. */
  share(): this;
  /** The last one of those that use it closes it. */
  close(): void;
}

/** How a path is opened; whatever is not named is false. With neither `read` nor `write` it is opened to be read. */
export interface OpenHow {
  follow?: boolean;
  create?: boolean;
  /** Anything but a directory is `not-directory`. Not together with `create` and `truncate`: `invalid`. */
  directory?: boolean;
  /** With `create`: what is there already, links too, is `exist`. */
  exclusive?: boolean;
  truncate?: boolean;
  read?: boolean;
  write?: boolean;
  /** Asked for a directory: the grant decides whether anything can be changed. */
  mutateDirectory?: boolean;
  fileIntegritySync?: boolean;
  dataIntegritySync?: boolean;
  requestedWriteSync?: boolean;
}

export interface DescriptorFlags {
  read: boolean;
  write: boolean;
  fileIntegritySync: boolean;
  dataIntegritySync: boolean;
  requestedWriteSync: boolean;
  /** A directory that was asked for so, or granted, and not for reading only. Changes below it are allowed by the grant alone. */
  mutateDirectory: boolean;
}

/** In the order of `descriptor-type`. */
export const fileTypes = [
  "unknown",
  "block-device",
  "character-device",
  "directory",
  "fifo",
  "symbolic-link",
  "regular-file",
  "socket",
] as const;

export type FileType = (typeof fileTypes)[number];

export interface FileStat {
  type: FileType;
  device: bigint;
  inode: bigint;
  linkCount: bigint;
  /** Bytes; of a link: the length of what it holds. */
  size: bigint;
  /** Nanoseconds since 1970; negative before it. */
  accessed: bigint;
  modified: bigint;
  changed: bigint;
}

/** What a time becomes: as it was, the present, or nanoseconds since 1970. */
export type NewTime = "no-change" | "now" | bigint;

/** Two numbers that tell an object of the file system from others, as long as this program runs; they do not tell the inode. */
export interface MetadataHash {
  lower: bigint;
  upper: bigint;
}

export interface DirectoryReader {
  /**
   * The next entry; undefined: there are no more.
   * Throws `illegal-byte-sequence` for a name that is not UTF-8, and goes on behind it the next time.
   */
  next(): DirectoryEntry | undefined;
  /** Idempotent. */
  close(): void;
}

export interface DirectoryEntry {
  name: string;
  type: FileType;
  /** Asked for each time; 0 where the entry is gone by then. */
  readonly inode: bigint;
}

/** In the order of `error-code`; the last one is ours. */
export const fileErrorCodes = [
  "access",
  "would-block",
  "already",
  "bad-descriptor",
  "busy",
  "deadlock",
  "quota",
  "exist",
  "file-too-large",
  "illegal-byte-sequence",
  "in-progress",
  "interrupted",
  "invalid",
  "io",
  "is-directory",
  "loop",
  "too-many-links",
  "message-size",
  "name-too-long",
  "no-device",
  "no-entry",
  "no-lock",
  "insufficient-memory",
  "insufficient-space",
  "not-directory",
  "not-empty",
  "not-recoverable",
  "unsupported",
  "no-tty",
  "no-such-device",
  "overflow",
  "not-permitted",
  "pipe",
  "read-only",
  "invalid-seek",
  "text-file-busy",
  "cross-device",
  /** The guest or the host has as many files open as it may: `mfile` in WASI 0.1, `insufficient-memory` in 0.2. */
  "too-many-open-files",
] as const;

export type FileErrorCode = (typeof fileErrorCodes)[number];

/** Why something with files failed, as a guest is told. It holds nothing that the guest may not know. */
export class FileError extends Error {
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode, message: string = code) {
    super(message);
    this.name = "FileError";
    this.code = code;
  }
}
