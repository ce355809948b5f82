import { relative } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import { sweepCache } from "../../foundation/files/index.ts";
import { printable } from "../../foundation/log/index.ts";
import type { BuildNeed } from "../../gitops/resolve/index.ts";
import type { LoadedSite } from "../../gitops/site.ts";
import { hasErrors, loadSite } from "../../gitops/site.ts";
import type { SiteState } from "../../node/state/index.ts";
import type { UpCall } from "../commands/up.ts";
import { aheadFolder } from "../../wasm/index.ts";
import { countText, logProblems, problemTexts } from "../problems/show.ts";
import { inBackground } from "../terminal/background.ts";
import { Progress } from "../terminal/progress.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { resolveTools } from "../wiring/tools.ts";
import type { SiteFolder } from "./folder.ts";

/** Of what was built, and of what was compiled ahead of time. A JavaScript engine as a component takes 13 MB. */
const cacheBytes = 1024 ** 3;

/** What of a site is shown. */
type Shown = Pick<LoadedSite, "problems" | "folder">;

/** Reads the folder again and again as the user wants it, and shows what is wrong with it. */
export class Loader {
  readonly #folder: SiteFolder;
  readonly #state: SiteState;
  readonly #flags: UpCall["flags"];
  readonly #terminal: Terminal;
  #mayBuild: boolean | undefined;

  constructor(folder: SiteFolder, state: SiteState, flags: UpCall["flags"], terminal: Terminal) {
    this.#folder = folder;
    this.#state = state;
    this.#flags = flags;
    this.#terminal = terminal;
  }

  /** Whether the user let this folder run compilers: now, or before. Undefined: never asked. */
  get mayBuild(): boolean | undefined {
    return this.#mayBuild;
  }

  /** Throws `build-consent`, and what `loadSite` throws; problems are data, already shown. */
  async load(signal: AbortSignal): Promise<LoadedSite> {
    const allowPrivileged = this.#flags["allow-privileged"];
    const progress = new Progress(this.#terminal, "preparing components");
    const loaded = await loadSite(this.#folder.path, {
      tools: await resolveTools({ prepared: this.#state.at("prepared"), built: this.#state.at("built") }),
      builds: (needs) => this.#consent(needs),
      ...(this.#flags.frozen && { frozen: true }),
      ...(allowPrivileged && { allowPrivileged }),
      signal,
      onComponent: (...step) => progress.step(...step),
      onBuild: ({ folder }) => this.#terminal.logger.info("building", { folder }),
    }).finally(() => progress.end());
    await this.show(loaded);
    await sweepCache(this.#state.at("built"), cacheBytes);
    await sweepCache(aheadFolder(this.#state.at("prepared")), cacheBytes);
    return loaded;
  }

  /** Problems as every command shows them. */
  async show({ problems, folder }: Shown): Promise<void> {
    if (problems.length === 0) return;
    const texts = await problemTexts(problems, folder);
    // In the background too: who waits for the site to be ready reads it.
    if (this.#terminal.human || inBackground(this.#terminal))
      this.#terminal.err(`${texts.join("\n")}\n${countText(problems)}\n`);
    else logProblems(problems, texts, this.#terminal.logger);
  }

  async #consent(needs: BuildNeed[]): Promise<boolean> {
    if (this.#mayBuild !== undefined) return this.#mayBuild;
    const record = await this.#state.record();
    if (this.#flags.build || (record?.builds && record.folder === this.#folder.path)) return (this.#mayBuild = true);
    const { ask } = this.#terminal;
    if (ask === undefined) return false;
    const folders = [...new Set(needs.map(({ folder }) => folder))]
      .map((folder) => `  ${printable(folder)}`)
      .join("\n");
    this.#terminal.err(`The site builds programs of its own, which runs what these folders hold:\n${folders}\n`);
    return (this.#mayBuild = await ask("Build them?"));
  }
}

/** Throws `site-invalid` where a site must not be served. */
export function throwIfInvalid(loaded: LoadedSite, cwd: string): void {
  if (!hasErrors(loaded.problems)) return;
  throw notServed(loaded, cwd, "Correct what stands above; bandstand check shows it again.");
}

/** What a command ends with that has shown why. */
export function notServed({ problems, folder }: Shown, cwd: string, remedy: string): BandstandError {
  const shown = relative(cwd, folder) || ".";
  return new BandstandError("site-invalid", `${shown} is not served: ${countText(problems)}`, { remedy });
}
