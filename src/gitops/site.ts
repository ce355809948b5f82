import { realpath } from "node:fs/promises";
import { isIP } from "node:net";
import { BandstandError } from "../foundation/errors/index.ts";
import { absentAddresses } from "../foundation/network/index.ts";
import { limited, parse } from "../model/index.ts";
import type { Problem, Resources } from "../model/index.ts";
import type { SecretValues, SitePlan } from "../model/plan/index.ts";
import { componentFacts, type ComponentFacts } from "./components.ts";
import { diagnose, withoutConsequences, withPlanned } from "./diagnose/index.ts";
import { locator, type Locate } from "./places.ts";
import { plan } from "./plan/index.ts";
import { buildNeeds, componentFiles, isThere, resolve } from "./resolve/index.ts";
import type { BuildNeed, ResolveTools } from "./resolve/index.ts";
import { siteName } from "./name.ts";
import { readFolder } from "./source/index.ts";

export interface LoadOptions {
  tools: ResolveTools;
  /**
   * Whether compilers and Containerfiles of the folder may run. A function is asked once, and only where
   * something would have to be built; its no ends loading with `build-consent`. `skip` leaves components
   * with a `source:` unresolved without a word, as `check` does.
   */
  builds: "run" | "skip" | ((needs: BuildNeed[]) => Promise<boolean>);
  /** Namespaces whose pods may leave the baseline. Only from the operator. */
  allowPrivileged?: readonly string[];
  /** Refuses to change `bandstand.lock`. */
  frozen?: boolean;
  signal?: AbortSignal;
  /** Told before a component is built or prepared: which, how many were done before it, and how many there are. */
  onComponent?(component: string, done: number, of: number): void;
  /** Told before a component is built. */
  onBuild?(need: BuildNeed): void;
}

export interface LoadedSite {
  /** Name of the site. */
  site: string;
  /** The site's folder without links. */
  folder: string;
  /** Of all that is valid; not to be served where a problem is an error. */
  plan: SitePlan;
  secrets: SecretValues;
  /** All at once, in the order of files and lines; of a hundred and more, the first and how many others there are. */
  problems: Problem[];
  /** Folders to watch that hold programs, relative to the folder: `source:` and build contexts. */
  sources: string[];
  /** Component files that `file:` names, relative to the folder. */
  files: string[];
  /** Where what an error is about stands. */
  locate: Locate;
  /** Of those that can be served. */
  components: ComponentFacts[];
}

/**
 * A folder of YAML as a plan: source → parse → diagnose → resolve → plan. `up`, `check` and every reload
 * call this. Nothing is built where the YAML has errors. Throws only what is not about the YAML:
 * `build-consent`, `environment`, a lock file that is broken, an aborted signal.
 */
export async function loadSite(folder: string, options: LoadOptions): Promise<LoadedSite> {
  const contents = await readFolder(folder);
  const root = await realpath(folder).catch(() => folder);
  const { resources, problems: parsing } = parse(contents.files);
  const rules = {
    ...(options.allowPrivileged === undefined ? {} : { allowPrivileged: options.allowPrivileged }),
    absentAddresses: await unservedAddresses(resources),
  };
  const early = [...contents.problems, ...parsing, ...diagnose(resources, rules)];
  if (early.length === 0 && [...resources].length === 0) early.push(noDocuments);
  const { signal, frozen, onBuild, onComponent } = options;

  const { resolved, problems: resolving } = await resolve(root, resources, {
    tools: options.tools,
    builds: !hasErrors(early) && (await mayBuild(root, resources, options)),
    ...(frozen === undefined ? {} : { frozen }),
    ...(signal === undefined ? {} : { signal }),
    ...(onBuild === undefined ? {} : { onBuild }),
    ...(onComponent === undefined ? {} : { onComponent }),
  });
  // What the diagnosis has said about a resource is not said again in other words.
  const said = new Set(early.map(({ resource, code }) => `${resource} ${code}`));
  const found = [...early, ...resolving.filter(({ resource, code }) => !said.has(`${resource} ${code}`))];
  const site = siteName(root, resources);
  const planned = plan(resources, resolved, { site, ...rules });
  return {
    site,
    folder: root,
    plan: planned.plan,
    secrets: planned.secrets,
    problems: limited(withoutConsequences(withPlanned(found, planned.problems, resources), parsing), "folder"),
    sources: contents.sources,
    files: componentFiles(resources),
    locate: locator(resources),
    components: componentFacts(resources, resolved),
  };
}

/** Most likely the wrong folder. A warning: one may begin with an empty folder, and edit it while it is served. */
const noDocuments: Problem = {
  severity: "warning",
  code: "no-documents",
  message: "no documents were found in this folder: no *.yaml, *.yml or *.json of it holds a resource",
  remedy: "Name the folder that holds the site's YAML.",
};

/** Whether a site must not be served. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === "error");
}

/** IP addresses that Gateways ask for and that this machine has not; others in their place are the planner's to complain of. */
export async function unservedAddresses(resources: Resources): Promise<Set<string>> {
  return absentAddresses(
    resources
      .all("Gateway")
      .flatMap(({ spec }) => (spec.addresses ?? []).flatMap(({ value = "" }) => (isIP(value) === 0 ? [] : [value]))),
  );
}

async function mayBuild(root: string, resources: Resources, { builds }: LoadOptions): Promise<boolean> {
  if (typeof builds === "string") return builds === "run";
  const needs = buildNeeds(resources);
  if (needs.length === 0) return true;
  if (!(await isThere(root, needs))) return false;
  if (await builds(needs)) return true;
  const folders = [...new Set(needs.map((need) => need.folder))].toSorted();
  throw new BandstandError("build-consent", `the site builds programs of its own: ${folders.join(", ")}`, {
    remedy: "Look at them, then start with --build.",
  });
}
