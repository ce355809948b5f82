import { randomBytes } from "node:crypto";
import { access, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import { openPrivateFolder, replaceFile, shellWord } from "../../foundation/files/index.ts";
import { takeLock } from "./lock.ts";
import { places, stateRoot } from "./places.ts";

/** What a site's state says about the site, whether it runs or not. */
export interface SiteRecord {
  /** The site's folder without links. */
  folder: string;
  /** Whether containers were started that may still be there. */
  containers: boolean;
  /** Whether volumes were made that may still be there. */
  volumes: boolean;
  /** Whether the user let this folder run compilers and Containerfiles. */
  builds: boolean;
}

/** The process that serves a site. */
export interface SiteProcess {
  pid: number;
  detached: boolean;
  /** RFC 3339. */
  started: string;
}

/** The state of one site on this machine. */
export class SiteState {
  readonly site: string;
  readonly path: string;
  #lock: { release(): void } | undefined;

  private constructor(site: string, path: string) {
    this.site = site;
    this.path = path;
  }

  /** Throws `state-refused` where the folder is not ours alone. */
  static async open(site: string, environment: Readonly<Record<string, string | undefined>>): Promise<SiteState> {
    const root = stateRoot(environment);
    // The default root may be as open as the user's home; one that was named for this must be private.
    if (root.chosen) await openPrivateFolder(root.path);
    const path = join(root.path, site);
    await openPrivateFolder(path);
    return new SiteState(site, path);
  }

  /** As `open`, but undefined where the site has no state here. */
  static async find(
    site: string,
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<SiteState | undefined> {
    const there = await isThere(join(stateRoot(environment).path, site));
    return there ? SiteState.open(site, environment) : undefined;
  }

  /** Sites that have state here. */
  static async names(environment: Readonly<Record<string, string | undefined>>): Promise<string[]> {
    const entries = await readdir(stateRoot(environment).path, { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  }

  at(place: keyof typeof places): string {
    return join(this.path, places[place]);
  }

  /** Becomes the one process of this site. False where there is another. */
  lock(): boolean {
    // Whoever only looks whether somebody holds it takes it for a moment.
    this.#lock ??= takeLock(this.at("lock"), 250);
    return this.#lock !== undefined;
  }

  unlock(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  async record(): Promise<SiteRecord | undefined> {
    return readJson<SiteRecord>(this.at("record"));
  }

  async writeRecord(record: SiteRecord): Promise<void> {
    await replaceFile(this.at("record"), `${JSON.stringify(record, undefined, 2)}\n`);
  }

  /** Whether the site's components have kept something here, which only who may remove its data may touch. */
  async keepsValues(): Promise<boolean> {
    return isThere(this.at("keyValue"));
  }

  async writeProcess(process: SiteProcess): Promise<void> {
    await replaceFile(this.at("process"), `${JSON.stringify(process)}\n`);
  }

  async removeProcess(): Promise<void> {
    await rm(this.at("process"), { force: true });
  }

  /** Removes all that is kept of the site. The caller holds the lock, which ends with it. */
  async remove(): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (name !== places.lock) await rm(join(this.path, name), { recursive: true, force: true });
    }
    await rm(this.at("lock"), { force: true });
    await rmdir(this.path).catch(() => {});
    this.unlock();
  }

  /** Who holds the lock, as far as it has said so yet; undefined where nobody does. */
  async holder(): Promise<Partial<SiteProcess> | undefined> {
    if (this.#lock === undefined) {
      const free = takeLock(this.at("lock"));
      free?.release();
      if (free !== undefined) return undefined;
    }
    return (await readJson<SiteProcess>(this.at("process"))) ?? {};
  }

  /** 32 bytes that stay the same for the site's life, so that sessions of clients do too. */
  async sessionKey(): Promise<Uint8Array> {
    const found = await readFile(this.at("sessionKey")).catch(() => undefined);
    if (found?.length === 32) return found;
    const key = randomBytes(32);
    await replaceFile(this.at("sessionKey"), key);
    return key;
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readJson<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new BandstandError("state-refused", `${path} is damaged`, {
      remedy: `Delete it: rm ${shellWord(path)}`,
      cause,
    });
  }
}
