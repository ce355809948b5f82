import { DatabaseSync, type StatementSync } from "node:sqlite";
import { messageOf } from "../../foundation/errors/index.ts";
import { standStill } from "../../foundation/time/stand-still.ts";
import { KeyValueError, keyValueLimits, type KeyValueStore, type KeyValueStores } from "./contract.ts";
import { unusable } from "./refusal.ts";

/** Milliseconds to wait for another thread's change; those take microseconds. */
const patience = 2000;
const version = 1;

/**
 * Stores in one SQLite file, which several threads share. What was set survives the end of the process; what was set in
 * the last moments before the power failed may be lost, never damaged (WAL with `synchronous = NORMAL`).
 */
export class SqliteStores implements KeyValueStores {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;

  /** Throws `state-refused` where the file is none of ours, or damaged, and `environment` where there is no room or right. */
  constructor(path: string) {
    try {
      this.#database = new DatabaseSync(path, { timeout: patience });
      whenFree(() => {
        this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF");
        this.#migrate();
      });
      this.#statements = new Statements(this.#database);
    } catch (cause) {
      throw unusable(path, cause);
    }
  }

  open(name: string): KeyValueStore {
    return new SqliteStore(this.#database, this.#statements, name);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #migrate(): void {
    const found = this.#database.prepare("PRAGMA user_version").get() as { user_version: number };
    if (found.user_version === version) return;
    if (found.user_version > version) throw new Error("a later version of Bandstand made it");
    // Another thread may do the same at this moment.
    this.#database.exec(`BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS entries (
        store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key)) STRICT;
      CREATE TABLE IF NOT EXISTS sizes (
        store TEXT PRIMARY KEY, keys INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
      PRAGMA user_version = ${version};
      COMMIT`);
  }
}

/**
 * SQLite itself does not wait where two connections make a new file a WAL at the same moment, since both read it already: one of
 * them is told that it is locked.
 */
function whenFree(act: () => void): void {
  for (const end = Date.now() + patience; ;) {
    try {
      return act();
    } catch (error) {
      // SQLITE_BUSY, for whatever reason.
      const isBusy = (((error as { errcode?: number }).errcode ?? 0) & 0xff) === 5;
      if (!isBusy || Date.now() > end) throw error;
      standStill(moment);
    }
  }
}

/** Milliseconds. */
const moment = 2;

class Statements {
  readonly get: StatementSync;
  readonly has: StatementSync;
  readonly set: StatementSync;
  readonly delete: StatementSync;
  readonly keys: StatementSync;
  readonly size: StatementSync;
  readonly resize: StatementSync;

  constructor(database: DatabaseSync) {
    this.get = database.prepare("SELECT value FROM entries WHERE store = ? AND key = ?");
    this.has = database.prepare("SELECT length(value) AS bytes FROM entries WHERE store = ? AND key = ?");
    this.set = database.prepare(
      "INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT (store, key) DO UPDATE SET value = excluded.value",
    );
    this.delete = database.prepare("DELETE FROM entries WHERE store = ? AND key = ?");
    this.keys = database.prepare("SELECT key FROM entries WHERE store = ? AND key > ? ORDER BY key LIMIT ? OFFSET ?");
    this.size = database.prepare("SELECT keys, bytes FROM sizes WHERE store = ?");
    this.resize = database.prepare(
      `INSERT INTO sizes VALUES (?, ?, ?) ON CONFLICT (store) DO UPDATE SET keys = excluded.keys, bytes = excluded.bytes`,
    );
  }
}

class SqliteStore implements KeyValueStore {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #name: string;

  constructor(database: DatabaseSync, statements: Statements, name: string) {
    this.#database = database;
    this.#statements = statements;
    this.#name = name;
  }

  get(key: string): Uint8Array | undefined {
    return this.#told(() => this.#read(checked(key)));
  }

  has(key: string): boolean {
    return this.#told(() => this.#statements.has.get(this.#name, checked(key)) !== undefined);
  }

  set(key: string, value: Uint8Array): void {
    this.setMany([[key, value]]);
  }

  setMany(entries: readonly (readonly [key: string, value: Uint8Array])[]): void {
    this.#change(() => {
      for (const [key, value] of entries) this.#write(checked(key), value);
    });
  }

  delete(key: string): void {
    this.deleteMany([key]);
  }

  deleteMany(keys: readonly string[]): void {
    this.#change(() => {
      for (const key of keys) {
        const before = this.#bytesOf(checked(key));
        if (before === undefined) continue;
        this.#statements.delete.run(this.#name, key);
        this.#grow(-1, -before);
      }
    });
  }

  keys(after: string | undefined, count: number, skip = 0): string[] {
    // Nothing is less than an empty key, which is one too: it comes first.
    const first = after === undefined && this.has("") ? [""] : [];
    const skipped = Math.max(skip - first.length, 0);
    const rows = this.#told(() => this.#statements.keys.all(this.#name, after ?? "", count, skipped));
    const keys = (rows as { key: string }[]).map(({ key }) => key);
    return [...first.slice(skip), ...keys].slice(0, count);
  }

  increment(key: string, delta: bigint): bigint {
    return this.#change(() => {
      const found = this.#read(checked(key));
      const before = found === undefined ? 0n : numberOf(found);
      const sum = before + delta;
      if (BigInt.asIntN(64, sum) !== sum) throw new KeyValueError("the number does not fit 64 bits any more");
      this.#write(key, Buffer.from(String(sum)));
      return sum;
    });
  }

  swap(key: string, before: Uint8Array | undefined, value: Uint8Array): boolean {
    return this.#change(() => {
      const found = this.#read(checked(key));
      const same = found === undefined || before === undefined ? found === before : Buffer.compare(found, before) === 0;
      if (same) this.#write(key, value);
      return same;
    });
  }

  #read(key: string): Uint8Array | undefined {
    return (this.#statements.get.get(this.#name, key) as { value: Uint8Array } | undefined)?.value;
  }

  #write(key: string, value: Uint8Array): void {
    const { value: most } = keyValueLimits;
    if (value.length > most) throw new KeyValueError(`a value of ${value.length} bytes, at most ${most} are kept`);
    const before = this.#bytesOf(key);
    this.#statements.set.run(this.#name, key, value);
    const bytes = value.length + Buffer.byteLength(key);
    this.#grow(before === undefined ? 1 : 0, bytes - (before ?? 0));
  }

  /** What an entry counts, where there is one. */
  #bytesOf(key: string): number | undefined {
    const found = this.#statements.has.get(this.#name, key) as { bytes: number } | undefined;
    return found === undefined ? undefined : found.bytes + Buffer.byteLength(key);
  }

  #grow(keys: number, bytes: number): void {
    const size = (this.#statements.size.get(this.#name) ?? { keys: 0, bytes: 0 }) as { keys: number; bytes: number };
    const after = { keys: size.keys + keys, bytes: size.bytes + bytes };
    if (after.keys > keyValueLimits.keys && keys > 0) {
      throw new KeyValueError(`the store is full: it holds ${keyValueLimits.keys} keys`);
    }
    if (after.bytes > keyValueLimits.bytes && bytes > 0) {
      throw new KeyValueError(`the store is full: it holds ${keyValueLimits.bytes} bytes`);
    }
    this.#statements.resize.run(this.#name, after.keys, after.bytes);
  }

  #change<T>(act: () => T): T {
    return this.#told(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const result = act();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        // A full disk ends the transaction by itself.
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** Failures of the database in words for the guest, without its paths. */
  #told<T>(act: () => T): T {
    try {
      return act();
    } catch (cause) {
      if (cause instanceof KeyValueError) throw cause;
      throw new KeyValueError(`the store cannot be used now: ${messageOf(cause)}`, { cause });
    }
  }
}

function checked(key: string): string {
  const bytes = Buffer.byteLength(key);
  if (bytes <= keyValueLimits.key) return key;
  throw new KeyValueError(`a key of ${bytes} bytes, at most ${keyValueLimits.key} are allowed`);
}

function numberOf(value: Uint8Array): bigint {
  const text = Buffer.from(value).toString("latin1");
  if (/^-?\d{1,19}$/.test(text)) {
    const number = BigInt(text);
    if (BigInt.asIntN(64, number) === number) return number;
  }
  throw new KeyValueError("the value is no whole number");
}
