/** Stores of keys and values, each by its name. Synchronous: what they do takes microseconds. */
export interface KeyValueStores {
  /** A store that need not exist yet. Several threads and processes may have it open at a time. */
  open(name: string): KeyValueStore;
  /** Idempotent. */
  close(): void;
}

/** One store. Each call happens whole or not at all, whatever others do meanwhile. Failures are `KeyValueError`. */
export interface KeyValueStore {
  get(key: string): Uint8Array | undefined;
  has(key: string): boolean;
  set(key: string, value: Uint8Array): void;
  /** All of them, or none. */
  setMany(entries: readonly (readonly [key: string, value: Uint8Array])[]): void;
  /** Nothing where there is none. */
  delete(key: string): void;
  deleteMany(keys: readonly string[]): void;
  /** At most `count` keys behind `after` in the order of their bytes. @param skip so many before them. */
  keys(after: string | undefined, count: number, skip?: number): string[];
  /** Adds to a number, 0 where there is none, and answers the sum. Numbers are kept as decimal text. */
  increment(key: string, delta: bigint): bigint;
  /** Sets a value where it still is what it was; undefined: there was none. Answers whether it did. */
  swap(key: string, before: Uint8Array | undefined, value: Uint8Array): boolean;
}

/** What one store may hold, in bytes of UTF-8 and of values. */
export const keyValueLimits = {
  key: 1024,
  value: 1 << 20,
  keys: 100_000,
  /** Keys and values together. */
  bytes: 256 << 20,
} as const;

/** Why a call failed, in words that a guest may read. */
export class KeyValueError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "KeyValueError";
  }
}
