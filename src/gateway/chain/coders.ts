import type { Transform } from "node:stream";
import { constants, createBrotliCompress, createGzip, createZstdCompress } from "node:zlib";
import type { Compression } from "../../model/plan/index.ts";
import { usableMemory } from "../../foundation/process/usable-memory.ts";

/** Compresses what is written; `flush` lets out what it holds. */
export type Coder = Transform & { flush(done?: () => void): void };

/** Fast levels and small windows: a response is compressed once, for one client. */
const kinds: Record<Compression, () => Coder> = {
  gzip: () => createGzip({ level: 5, memLevel: 8 }),
  br: () =>
    createBrotliCompress({
      params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 18 },
    }),
  zstd: () =>
    createZstdCompress({
      params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_windowLog]: 18 },
    }),
};

/** What one of them holds from its beginning to its end, measured. Bytes. */
const holds: Record<Compression, number> = { gzip: 350 * 1024, br: 1400 * 1024, zstd: 1400 * 1024 };

/**
 * Coders under way in one thread. Each is held for as long as its client takes to read: who reads slowly enough, often
 * enough, would fill memory. Where too much is held, answers go out as they are.
 */
export class Coders {
  readonly #most: number;
  #held = 0;

  /** @param most bytes that all of them may hold. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Undefined: there is no room. */
  begin(encoding: Compression): Coder | undefined {
    const bytes = holds[encoding];
    if (this.#held + bytes > this.#most) return undefined;
    const coder = kinds[encoding]();
    this.#held += bytes;
    coder.once("close", () => (this.#held -= bytes));
    return coder;
  }
}

/** What coders of one thread may hold: an eighth of the memory for all threads, 1 GiB at most. Bytes. */
export function coderBytes(workers: number, memory: number = usableMemory()): number {
  return Math.max(16 * 1024 ** 2, Math.min(1024 ** 3, memory / 8 / workers));
}
