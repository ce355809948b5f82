import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
  type BigIntStats,
} from "node:fs";
import {
  FileError,
  type Descriptor,
  type DescriptorFlags,
  type DirectoryReader,
  type FileStat,
  type FileType,
  type MetadataHash,
  type NewTime,
  type OpenHow,
} from "./contract.ts";
import { attempt } from "./failures.ts";
import { setExactly } from "./exact-times.ts";
import { statsOf, targetOf } from "./look.ts";
import { checkHow, flagsOf, openPlace } from "./open.ts";
import { known, readFrom, writeTo } from "./offset.ts";
import type { Opened, OpenFiles } from "./open-files.ts";
import { Reader } from "./reader.ts";
import { hashOf, statOf, typeOf } from "./status.ts";
import { nodeTime } from "./times.ts";
import { isLink, walk, type Place } from "./walk.ts";

const bigint = { bigint: true } as const;

/** What a guest has open below a grant. */
export class OpenFile implements Descriptor, Opened {
  readonly type: FileType;
  readonly flags: DescriptorFlags;
  readonly #files: OpenFiles;
  readonly #readOnly: boolean;
  #descriptor: number | undefined;
  /** The same file opened once more, to append to. */
  #appending: number | undefined;
  #users = 1;

  /** @param descriptor file descriptor, which is its own from now on. */
  constructor(files: OpenFiles, descriptor: number, flags: DescriptorFlags, readOnly: boolean) {
    this.#files = files;
    this.#descriptor = descriptor;
    this.#readOnly = readOnly;
    this.type = typeOf(fstatSync(descriptor, bigint));
    const mutateDirectory = this.type === "directory" && flags.mutateDirectory && !readOnly;
    this.flags = { ...flags, mutateDirectory };
    files.add(this);
  }

  read(into: Uint8Array, offset: bigint): number {
    const file = this.#file();
    if (!this.flags.read) throw new FileError("bad-descriptor");
    const position = this.#seekable ? readFrom(offset) : null;
    return attempt(() => readSync(file, into, 0, into.length, position));
  }

  write(bytes: Uint8Array, offset: bigint): number {
    const file = this.#writable();
    const position = this.#seekable ? writeTo(offset) : null;
    return attempt(() => writeSync(file, bytes, 0, bytes.length, position));
  }

  append(bytes: Uint8Array): number {
    const file = this.#writable();
    if (this.#seekable && this.#appending === undefined) {
      const again = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK;
      this.#appending = attempt(() => openSync(`/proc/self/fd/${file}`, again));
    }
    return attempt(() => writeSync(this.#appending ?? file, bytes, 0, bytes.length, null));
  }

  advise(offset: bigint): void {
    this.#file();
    known(offset);
  }

  setSize(size: bigint): void {
    const file = this.#file();
    this.#mayChange();
    attempt(() => ftruncateSync(file, writeTo(size)));
  }

  sync(): void {
    attempt(() => fsyncSync(this.#any()));
  }

  syncData(): void {
    attempt(() => fdatasyncSync(this.#any()));
  }

  stat(): FileStat {
    return statOf(this.#stats());
  }

  setTimes(accessed: NewTime, modified: NewTime): void {
    this.#mayChange();
    const [a, m] = [nodeTime(accessed), nodeTime(modified)];
    const descriptor = this.#any();
    attempt(() => futimesSync(descriptor, a, m));
    setExactly(Buffer.from(`/proc/self/fd/${descriptor}`), true, accessed, modified);
  }

  metadataHash(): MetadataHash {
    return hashOf(this.#stats());
  }

  isSameObject(other: Descriptor): boolean {
    const [a, b] = [this.stat(), other.stat()];
    return a.inode === b.inode && a.device === b.device;
  }

  readDirectory(): DirectoryReader {
    const directory = this.#directory();
    const reader = new Reader(this.#files, directory, () => this.close());
    this.share();
    return reader;
  }

  openAt(path: string, how: OpenHow): Descriptor {
    const directory = this.#directory();
    checkHow(how, this.#readOnly);
    this.#files.makeRoom();
    const opened = walk(directory, path, how.follow === true, (place) => openPlace(place, how));
    return new OpenFile(this.#files, opened, flagsOf(how), this.#readOnly);
  }

  statAt(path: string, follow: boolean): FileStat {
    return statOf(this.#statsAt(path, follow));
  }

  setTimesAt(path: string, follow: boolean, accessed: NewTime, modified: NewTime): void {
    const directory = this.#directory();
    this.#mayChange();
    const [a, m] = [nodeTime(accessed), nodeTime(modified)];
    walk(directory, path, follow, (place) => {
      if (statsOf(place) === isLink) return isLink;
      lutimesSync(place.at, a, m);
      return setExactly(place.at, false, accessed, modified);
    });
  }

  metadataHashAt(path: string, follow: boolean): MetadataHash {
    return hashOf(this.#statsAt(path, follow));
  }

  createDirectoryAt(path: string): void {
    this.#changeAt(path, ({ named }) => mkdirSync(named));
  }

  removeDirectoryAt(path: string): void {
    let through = false;
    this.#changeAt(path, ({ at, named, slash }) => {
      // What a link leads to is not removed. With a slash behind it, that it leads out is told before that it is no directory.
      if (slash && lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) {
        through = true;
        return isLink;
      }
      if (through) throw new FileError("not-directory");
      rmdirSync(named);
      return undefined;
    });
  }

  unlinkFileAt(path: string): void {
    this.#changeAt(path, ({ named }) => unlinkSync(named));
  }

  linkAt(path: string, to: Descriptor, newPath: string): void {
    this.#changeBoth(path, to, newPath, (from, { named }) => {
      // The system would follow a link that has a slash behind it.
      if (from.slash) throw new FileError(lstatSync(from.at).isDirectory() ? "not-permitted" : "not-directory");
      linkSync(from.at, named);
    });
  }

  symlinkAt(target: string, path: string): void {
    if (target.startsWith("/")) throw new FileError("not-permitted", "a link to an absolute path");
    if (target.includes("\0")) throw new FileError("invalid", "a path with a NUL byte");
    this.#changeAt(path, ({ named, at, slash }) => {
      // POSIX has it so of what is no directory; Linux says that it exists.
      if (slash && isNoDirectory(at)) throw new FileError("not-directory");
      symlinkSync(target, named);
    });
  }

  readlinkAt(path: string): string {
    return walk(this.#directory(), path, false, targetOf);
  }

  renameAt(path: string, to: Descriptor, newPath: string): void {
    this.#changeBoth(path, to, newPath, (from, { named }) => renameSync(from.named, named));
  }

  share(): this {
    this.#users++;
    return this;
  }

  close(): void {
    if (--this.#users === 0) this.end();
  }

  end(): void {
    const [descriptor, appending] = [this.#descriptor, this.#appending];
    this.#descriptor = this.#appending = undefined;
    this.#files.delete(this);
    if (appending !== undefined) closeSync(appending);
    if (descriptor !== undefined) closeSync(descriptor);
  }

  /** Whatever it is. */
  #any(): number {
    if (this.#descriptor === undefined) throw new FileError("bad-descriptor", "it is closed");
    return this.#descriptor;
  }

  #file(): number {
    if (this.type === "directory") throw new FileError("bad-descriptor", "a directory");
    return this.#any();
  }

  #writable(): number {
    const file = this.#file();
    if (!this.flags.write) throw new FileError("bad-descriptor", "not opened to be written");
    return file;
  }

  #directory(): number {
    if (this.type !== "directory") throw new FileError("not-directory");
    return this.#any();
  }

  /** Pipes and terminals have no places. */
  get #seekable(): boolean {
    return this.type === "regular-file" || this.type === "block-device";
  }

  #mayChange(): void {
    if (this.#readOnly) throw new FileError("read-only");
  }

  #stats(): BigIntStats {
    return attempt(() => fstatSync(this.#any(), bigint));
  }

  #statsAt(path: string, follow: boolean): BigIntStats {
    return walk(this.#directory(), path, follow, statsOf);
  }

  #changeAt(path: string, change: (place: Place) => typeof isLink | void): void {
    const directory = this.#directory();
    this.#mayChange();
    walk(directory, path, false, change);
  }

  /** Both must be writable: a name elsewhere would be a way to change what is granted for reading only. */
  #changeBoth(path: string, to: Descriptor, newPath: string, change: (from: Place, to: Place) => void): void {
    if (!(to instanceof OpenFile)) throw new FileError("bad-descriptor");
    to.#changeAt(newPath, (place) => this.#changeAt(path, (from) => change(from, place)));
  }
}

/** Links are not followed: what they lead to is nobody's business here. */
function isNoDirectory(place: Buffer): boolean {
  const stats = lstatSync(place, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isDirectory() && !stats.isSymbolicLink();
}
