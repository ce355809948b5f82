import { BandstandError } from "../../foundation/errors/index.ts";
import { hasErrors } from "../../gitops/site.ts";
import type { LoadedSite } from "../../gitops/site.ts";
import type { FolderChange, FolderWatch } from "../../gitops/source/index.ts";
import type { Problem } from "../../model/index.ts";
import type { RunningSite } from "../../node/site/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Loader } from "./loader.ts";
import { asProblems } from "./placed.ts";

/** What came of one look at the folder. */
export interface ReloadResult {
  reloaded: boolean;
  problems: readonly Problem[];
}

/** Brings a running site to what its folder says; one after the other, and what changed meanwhile once more. */
export class Reloads {
  readonly #site: RunningSite;
  readonly #loader: Loader;
  readonly #terminal: Terminal;
  readonly #onLoaded: (loaded: LoadedSite) => Promise<void>;
  readonly #stopping = new AbortController();
  #loaded: LoadedSite;
  #watch: FolderWatch | undefined;
  #running: Promise<ReloadResult> | undefined;
  #next: Promise<ReloadResult> | undefined;

  constructor(
    site: RunningSite,
    loader: Loader,
    loaded: LoadedSite,
    terminal: Terminal,
    onLoaded: (loaded: LoadedSite) => Promise<void>,
  ) {
    this.#site = site;
    this.#loader = loader;
    this.#loaded = loaded;
    this.#terminal = terminal;
    this.#onLoaded = onLoaded;
  }

  /** Begins to follow what the watch tells. */
  follow(watch: FolderWatch): void {
    this.#watch = watch;
    watch.setSources(this.#loaded.sources);
  }

  changed({ resources, sources, paths }: FolderChange): void {
    const { files } = this.#loaded;
    if (resources || sources.length > 0 || paths.some((path) => files.includes(path))) void this.reload(paths);
  }

  /** Now, or after the one that is under way: that may have read the old files. */
  reload(paths: readonly string[] = []): Promise<ReloadResult> {
    if (this.#running === undefined) {
      this.#running = this.#attempt(paths).finally(() => (this.#running = undefined));
      return this.#running;
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.reload(paths);
    });
    return this.#next;
  }

  /** No more of it; one that is under way is given up. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #attempt(paths: readonly string[]): Promise<ReloadResult> {
    if (this.#stopping.signal.aborted) return { reloaded: false, problems: [] };
    const started = performance.now();
    let { locate } = this.#loaded;
    try {
      const loaded = await this.#loader.load(this.#stopping.signal);
      ({ locate } = loaded);
      this.#watch?.setSources(loaded.sources);
      if (loaded.site !== this.#loaded.site) throw renamed(this.#loaded.site, loaded.site);
      if (hasErrors(loaded.problems)) return this.#refuse(loaded.problems);
      await this.#onLoaded(loaded);
      await this.#site.reload(loaded);
      this.#loaded = loaded;
      const milliseconds = Math.round(performance.now() - started);
      this.#terminal.logger.info("the site is changed", { ...named(paths), milliseconds });
      return { reloaded: true, problems: loaded.problems };
    } catch (error) {
      if (this.#stopping.signal.aborted) return { reloaded: false, problems: [] };
      return this.#refuseFor(asProblems(error, locate));
    }
  }

  /** For what turned up when it was to be served. With a place it is shown as what `check` finds. */
  async #refuseFor(problems: Problem[]): Promise<ReloadResult> {
    const [first] = problems;
    if (first !== undefined && first.file === undefined) {
      return this.#refuse(problems, { reason: first.message, remedy: first.remedy });
    }
    await this.#loader.show({ problems, folder: this.#loaded.folder });
    return this.#refuse(problems);
  }

  #refuse(problems: Problem[], fields: Record<string, string> = {}): ReloadResult {
    this.#site.refuse(problems);
    this.#terminal.logger.error("the edit is not served; the site goes on as before", fields);
    return { reloaded: false, problems };
  }
}

function named(paths: readonly string[]): { changed?: string } {
  if (paths.length === 0) return {};
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  return { changed: `${paths.slice(0, 3).join(", ")}${more}` };
}

function renamed(before: string, after: string): BandstandError {
  return new BandstandError("site-invalid", `the site's name was changed from ${before} to ${after} while it runs`, {
    remedy: `Stop it and start it again, or keep the name ${before}.`,
  });
}
