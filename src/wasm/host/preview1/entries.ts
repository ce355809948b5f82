import type { Descriptor, DirectoryReader, FileType } from "../../files/index.ts";

/** One entry as `dirent` tells it. */
export interface Entry {
  name: string;
  type: FileType;
  inode: bigint;
}

/** `.` and `..`, which directories do not list here. */
const dots = 2;

/**
 * The entries of a directory by their places, in which programs go on where they stopped. It reads as it goes, so a large
 * directory takes no more memory than a small one; who goes back makes it begin again.
 */
export class Entries {
  readonly #directory: Descriptor;
  #reader: DirectoryReader | undefined;
  /** Of the reader's next entry. */
  #place = dots;
  /** Those before the next one that may be asked for once more, since they did not fit. */
  #kept: Entry[] = [];

  constructor(directory: Descriptor) {
    this.#directory = directory;
  }

  /** The entry in a place, 0 being the first; undefined: there is none. */
  at(place: number): Entry | undefined {
    if (place < dots) {
      const inode = this.#directory.metadataHash().lower;
      return { name: place === 0 ? "." : "..", type: "directory", inode };
    }
    if (this.#reader === undefined || place < this.#place - this.#kept.length) this.rewind();
    while (this.#place <= place) if (!this.#next()) return undefined;
    return this.#kept[place - (this.#place - this.#kept.length)];
  }

  /** What is before a place is not asked for again. */
  forget(place: number): void {
    const first = this.#place - this.#kept.length;
    if (place > first) this.#kept.splice(0, place - first);
  }

  rewind(): void {
    this.close();
    this.#reader = this.#directory.readDirectory();
    this.#place = dots;
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.#kept = [];
  }

  #next(): boolean {
    const found = this.#reader!.next();
    if (found === undefined) return false;
    const { name, type } = found;
    this.#place++;
    this.#kept.push({ name, type, inode: this.#inodeOf(name) });
    return true;
  }

  /** The same number as `filestat` has; 0 where the entry is gone by now. */
  #inodeOf(name: string): bigint {
    try {
      return this.#directory.metadataHashAt(name, false).lower;
    } catch {
      return 0n;
    }
  }
}
