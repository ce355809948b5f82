import { posix } from "node:path";
import { pathInSite, resourceKey } from "../../model/index.ts";
import type { Path, Problem, Resource, Resources } from "../../model/index.ts";
import type { ImageBuildPlan } from "../../model/plan/index.ts";
import { programOf } from "../places.ts";
import { buildAnnotation } from "../source/index.ts";
import type { Resolved, ResolvedComponent } from "../plan/index.ts";
import { resolveComponent } from "./component.ts";
import { resolveBuild, workloadsToBuild } from "./images.ts";
import { readLock, sameLock, writeLock } from "./lock.ts";
import type { BuildNeed, ResolveOptions } from "./options.ts";
import { placeOf } from "./place.ts";
import { Unresolvable } from "./unresolvable.ts";

export interface Resolution {
  resolved: Resolved;
  problems: Problem[];
}

/** Builds at a time: compilers use memory and cores of their own. */
const parallel = 2;

/**
 * Follows every reference of the site that needs the file system, a compiler or a registry. What leads
 * nowhere is a problem at its place in the YAML. `root` is the site's folder without links.
 * Throws `environment` for a missing compiler, `site-invalid` for a broken lock file.
 */
export async function resolve(root: string, resources: Resources, options: ResolveOptions): Promise<Resolution> {
  const problems: Problem[] = [];
  const components = new Map<string, ResolvedComponent | { reason: string }>();
  const builds = new Map<string, ImageBuildPlan | { reason: string }>();
  const before = await readLock(root);
  const lock = new Map(before);

  const all = resources.all("WasmComponent");
  await eachInParallel(all, async (component) => {
    const { namespace, name } = component.metadata;
    options.onComponent?.(`${namespace}/${name}`, components.size, all.length);
    const found = await attempt(component, ["spec", programOf(component.spec)], resources, problems, () =>
      resolveComponent(component, { root, file: fileOf(component, resources), lock }, options),
    );
    components.set(`${namespace}/${name}`, found ?? { reason: "its source was not built" });
    if (found !== undefined && "digest" in found && found.answersOnce === true) {
      problems.push(resources.problem(component, ["spec", "isolation"], { severity: "warning", ...cannotBeReused }));
    }
  });
  for (const workload of workloadsToBuild(resources)) {
    const path = ["metadata", "annotations", buildAnnotation];
    const found = await attempt(workload, path, resources, problems, () =>
      resolveBuild(workload, root, fileOf(workload, resources)),
    );
    if ("reason" in found) builds.set(resourceKey(workload), found);
    else builds.set(resourceKey(workload), { image: found.image, context: found.context, hash: found.hash });
  }

  if (!sameLock(before, lock)) await writeLock(root, lock);
  return { resolved: { components, builds }, problems };
}

/** Everything of a site that runs a compiler or a Containerfile: what a user is asked about first. */
export function buildNeeds(resources: Resources): BuildNeed[] {
  const needs: BuildNeed[] = [];
  for (const component of resources.all("WasmComponent")) {
    const folder = component.spec.source && pathInSite(fileOf(component, resources), component.spec.source);
    if (folder) needs.push({ type: "component", folder, resource: resourceKey(component) });
  }
  for (const workload of workloadsToBuild(resources)) {
    const folder = pathInSite(fileOf(workload, resources), workload.metadata.annotations?.[buildAnnotation] ?? "");
    if (folder) needs.push({ type: "image", folder, resource: resourceKey(workload) });
  }
  return needs;
}

/**
 * Whether what would be built is there, as a folder of the site. Where not, `resolve` says so, and nobody need be asked whether to
 * build it. `root` as there.
 */
export async function isThere(root: string, needs: readonly BuildNeed[]): Promise<boolean> {
  const found = await Promise.allSettled(needs.map(({ folder }) => placeOf(root, "", folder, "folder")));
  return found.every(({ status }) => status === "fulfilled");
}

/** Files that `file:` of components names, relative to the site's folder: a change of one is a change of the site. */
export function componentFiles(resources: Resources): string[] {
  const files = resources.all("WasmComponent").flatMap((component) => {
    const { file } = component.spec;
    return file === undefined ? [] : (pathInSite(fileOf(component, resources), file) ?? []);
  });
  return [...new Set(files)].toSorted();
}

/** Of a component that asks for it. Served nevertheless: a fresh state is all that it could rely on anyway. */
const cannotBeReused = {
  code: "not-supported",
  message: "its instances answer one request each: every request gets a fresh state, as with isolation: request",
  remedy: "Remove isolation: reuse.",
} as const;

async function attempt<T>(
  resource: Resource,
  path: Path,
  resources: Resources,
  problems: Problem[],
  work: () => Promise<T>,
): Promise<T | { reason: string }> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unresolvable)) throw error;
    problems.push(...problemsOf(error, resource, path, resources));
    return { reason: error.message.split("; ")[0] ?? error.code };
  }
}

/** Mistakes that a compiler found are placed in the sources, everything else where the YAML names them. */
function problemsOf(error: Unresolvable, resource: Resource, path: Path, resources: Resources): Problem[] {
  const { severity, code, message, remedy, diagnostics } = error;
  const named = resource.kind === "WasmComponent" ? resource.spec.source : undefined;
  const folder = named && pathInSite(fileOf(resource, resources), named);
  if (diagnostics.length === 0 || folder === undefined) {
    return [resources.problem(resource, path, { severity, code, message, remedy })];
  }
  return diagnostics.map(({ file = "", line, column, message: what }) => ({
    severity,
    code,
    message: what.replaceAll(/\s*\n\s*/g, "; "),
    remedy,
    file: posix.join(folder, file),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    resource: resourceKey(resource),
  }));
}

async function eachInParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** Paths are relative to the file that names them; a resource from no file counts as written at the top. */
function fileOf(resource: Resource, resources: Resources): string {
  return resources.position(resource)?.file ?? "site.yaml";
}
