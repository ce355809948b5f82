import { constants } from "node:fs";
import { access, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { BandstandError, ofSystem, withPath } from "../../foundation/errors/index.ts";
import { markUsed, openPrivateFolder, sweepCache } from "../../foundation/files/index.ts";
import type { HostLookup } from "../link/index.ts";
import { digestOf } from "./digest.ts";
import { decodeEntry, encodeEntry, entryName, largestEntry } from "./entry.ts";
import { prepare } from "./prepare.ts";
import type { Isolation, Prepared } from "./prepared.ts";
import { Room } from "./room.ts";
import { digestIn, encodeSource, secondSourceName, sourceName } from "./source.ts";
import { readWhole } from "./whole.ts";

const { O_RDONLY, O_NOFOLLOW } = constants;

/** Bytes of all that is kept; a JavaScript engine as a component takes 17 MB. What is rarely used goes first. */
const mostBytes = 1024 ** 3;

/**
 * Prepared components on disk, by digest, isolation and version of linker and rewriter. Several processes and threads may
 * share it: files appear whole and never change. Life: `open`, then any of the others; there is nothing to close.
 */
export class PreparedStore {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Throws `state-refused` where the folder is not ours alone. */
  static async open(directory: string): Promise<PreparedStore> {
    await openPrivateFolder(directory);
    return new PreparedStore(directory);
  }

  /**
   * From the store, else prepared now and stored. Throws what `prepare` throws.
   * @param answersOnce finds out whether an instance answers one request only; what it answers is stored too.
   */
  async prepare(
    bytes: Uint8Array,
    lookup: HostLookup,
    isolation: Isolation,
    answersOnce?: (prepared: Prepared) => Promise<boolean>,
  ): Promise<Prepared> {
    return (await this.#prepare(bytes, lookup, isolation, answersOnce)).prepared;
  }

  /** The same, and keeps the component as it came too, so that `readKept` knows it again. */
  async prepareKept(bytes: Uint8Array, lookup: HostLookup, isolation: Isolation): Promise<Prepared> {
    const { prepared, entry } = await this.#prepare(bytes, lookup, isolation);
    await this.keepSource(bytes, prepared, entry);
    return prepared;
  }

  /** `entry`: of what is stored only now, what its file holds. */
  async #prepare(
    bytes: Uint8Array,
    lookup: HostLookup,
    isolation: Isolation,
    answersOnce?: (prepared: Prepared) => Promise<boolean>,
  ): Promise<{ prepared: Prepared; entry?: Uint8Array }> {
    const digest = digestOf(bytes);
    const found = await this.load(digest, isolation).catch(unlessCorrupt);
    if (found !== undefined && (answersOnce === undefined || found.answersOnce !== undefined)) {
      await markUsed(this.#path(digest, isolation));
      return { prepared: found };
    }
    const made = found ?? prepare(bytes, lookup, isolation);
    const prepared = answersOnce === undefined ? made : { ...made, answersOnce: await answersOnce(made) };
    return { prepared, entry: await this.put(prepared) };
  }

  /**
   * Undefined where it is not stored. Throws `cache-corrupt` where the file was damaged; it is removed
   * then, so that preparing again helps.
   */
  load(digest: string, isolation: Isolation): Promise<Prepared | undefined> {
    return this.#load(digest, isolation);
  }

  /**
   * As `load`, for as long as `use` takes: where its modules stand, the next file is read to then. So nothing of them may be kept but
   * what the engine made of it.
   */
  async lend<T>(digest: string, isolation: Isolation, use: (prepared: Prepared | undefined) => Promise<T>): Promise<T> {
    const room = new Room();
    try {
      return await use(await this.#load(digest, isolation, room.of));
    } finally {
      room.leave();
    }
  }

  async #load(digest: string, isolation: Isolation, room?: (size: number) => Buffer): Promise<Prepared | undefined> {
    const path = this.#path(digest, isolation);
    const bytes = await read(path, room);
    if (bytes === undefined) return undefined;
    const prepared = bytes === "damaged" ? undefined : decodeEntry(bytes, digest, isolation);
    if (prepared !== undefined) return prepared;
    await rm(path, { force: true, recursive: true });
    throw new BandstandError("cache-corrupt", `${path} was damaged and is removed`, {
      remedy: "Prepare the component again; if this comes back, check the disk.",
    });
  }

  /** Something is stored for it, whole or not. */
  async has(digest: string, isolation: Isolation): Promise<boolean> {
    return access(this.#path(digest, isolation)).then(
      () => true,
      () => false,
    );
  }

  /** @returns what its file holds. */
  async put(prepared: Prepared): Promise<Uint8Array> {
    const entry = encodeEntry(prepared);
    await this.#write(this.#path(prepared.digest, prepared.isolation), entry, true);
    return entry;
  }

  /** Keeps a component as it came. @param entry what `put` wrote of it: to make it takes a checksum of all. */
  async keepSource(bytes: Uint8Array, prepared: Prepared, entry = encodeEntry(prepared)): Promise<void> {
    const { digest } = prepared;
    const first = join(this.directory, sourceName(bytes));
    const there = await read(first);
    const of = Buffer.isBuffer(there) ? digestIn(there) : undefined;
    const path = of === undefined || of === digest ? first : join(this.directory, secondSourceName(bytes));
    // It is compared when it is read, and damage only lets it be written again.
    await this.#write(path, encodeSource(digest, bytes, entry), false);
  }

  /** Written beside, then moved into place: a reader sees all of it or nothing. */
  async #write(path: string, bytes: Uint8Array, isSynchronised: boolean): Promise<void> {
    // Another one that is written at the same time has another name, and it must be new: no need to load `node:crypto`.
    const name = `${process.pid}-${process.hrtime.bigint()}-${Math.random().toString(36).slice(2)}`;
    const beside = join(this.directory, `.${name}.tmp`);
    try {
      const file = await open(beside, "wx", 0o600);
      try {
        await file.writeFile(bytes);
        if (isSynchronised) await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
      await sweepCache(this.directory, mostBytes);
    } catch (cause) {
      await rm(beside, { force: true });
      const known = ofSystem(withPath(cause, path));
      if (known !== undefined) throw known;
      throw new BandstandError("environment", `${path} cannot be written`, {
        cause,
        remedy: "Check space and rights of the folder.",
      });
    }
  }

  /** Not by `join`, which looks at every letter. */
  #path(digest: string, isolation: Isolation): string {
    return `${this.directory}/${entryName(digest, isolation)}`;
  }
}

/** Bytes of a file that are read at once: to wait for other threads would take longer, five times for each file. */
const mostAtOnce = 1 << 20;

async function read(path: string, room?: (size: number) => Buffer): Promise<Buffer | "damaged" | undefined> {
  try {
    const { bytes, size } = readWhole(path, mostAtOnce, room);
    return bytes ?? (size > mostAtOnce ? await readLarge(path) : "damaged");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "damaged";
  }
}

async function readLarge(path: string): Promise<Buffer | "damaged"> {
  const file = await open(path, O_RDONLY | O_NOFOLLOW);
  try {
    const { size } = await file.stat();
    return size > largestEntry ? "damaged" : await file.readFile();
  } catch {
    return "damaged";
  } finally {
    await file.close();
  }
}

function unlessCorrupt(error: unknown): undefined {
  if (error instanceof BandstandError && error.code === "cache-corrupt") return undefined;
  throw error;
}
