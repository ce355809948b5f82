import { isUtf8 } from "node:buffer";
import { lstatSync, type Dir, type Dirent } from "node:fs";
import { FileError, type DirectoryEntry, type DirectoryReader, type FileType } from "./contract.ts";
import { attempt } from "./failures.ts";
import type { Opened, OpenFiles } from "./open-files.ts";

/** Entries that are asked for at a time. */
const atOnce = 64;

/** Reads a directory as it goes, so that one of a million entries takes no more memory than one of ten. */
export class Reader implements DirectoryReader, Opened {
  readonly #files: OpenFiles;
  readonly #release: () => void;
  readonly #path: string;
  #directory: Dir | undefined;

  /**
   * @param directory file descriptor of the directory.
   * @param release called when it is used no more.
   */
  constructor(files: OpenFiles, directory: number, release: () => void) {
    this.#files = files;
    this.#release = release;
    this.#path = `/proc/self/fd/${directory}/`;
    files.makeRoom();
    const options = { encoding: "buffer" as BufferEncoding, bufferSize: atOnce };
    // Asked for here, since Node then loads what reads directories.
    const { opendirSync } = process.getBuiltinModule("node:fs");
    this.#directory = attempt(() => opendirSync(this.#path, options));
    files.add(this);
  }

  next(): DirectoryEntry | undefined {
    const directory = this.#directory;
    if (directory === undefined) throw new FileError("bad-descriptor");
    const entry = attempt(() => directory.readSync());
    if (entry === null) return undefined;
    // Asked for as bytes, which the types do not know.
    const name = entry.name as unknown as Buffer;
    if (!isUtf8(name)) throw new FileError("illegal-byte-sequence", "a name that is not UTF-8");
    const inode = () => this.#inodeOf(name);
    return {
      name: name.toString("utf8"),
      type: typeOf(entry),
      get inode() {
        return inode();
      },
    };
  }

  close(): void {
    this.end();
  }

  end(): void {
    const directory = this.#directory;
    if (directory === undefined) return;
    this.#directory = undefined;
    this.#files.delete(this);
    directory.closeSync();
    this.#release();
  }

  #inodeOf(name: Buffer): bigint {
    if (this.#directory === undefined) return 0n;
    const path = Buffer.concat([Buffer.from(this.#path), name]);
    return attempt(() => lstatSync(path, { bigint: true, throwIfNoEntry: false }))?.ino ?? 0n;
  }
}

function typeOf(entry: Dirent): FileType {
  if (entry.isFile()) return "regular-file";
  if (entry.isDirectory()) return "directory";
  if (entry.isSymbolicLink()) return "symbolic-link";
  if (entry.isFIFO()) return "fifo";
  if (entry.isSocket()) return "socket";
  if (entry.isCharacterDevice()) return "character-device";
  return entry.isBlockDevice() ? "block-device" : "unknown";
}
