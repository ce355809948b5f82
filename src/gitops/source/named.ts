import { parse, pathInSite } from "../../model/index.ts";
import type { Resource, Resources, SourceFile } from "../../model/index.ts";
import { isIn } from "./names.ts";

/** Annotation of a workload whose image is built from a folder. */
export const buildAnnotation = "bandstand.dev/build";

/**
 * Folders that a `source:` or a build annotation names, relative to the site's folder. They hold programs:
 * their YAML and JSON files are no resources, whatever they look like.
 */
export function namedFolders(files: readonly SourceFile[]): string[] {
  const named = new Set<string>();
  const { resources } = parse(files.filter((file) => mightName(file.bytes)));
  for (const resource of resources) {
    const file = resources.position(resource)?.file;
    for (const path of pathsOf(resource)) {
      const folder = file === undefined ? undefined : pathInSite(file, path);
      // A folder that names itself would hide the very file that names it.
      if (folder !== undefined && !isIn(folder, file!)) named.add(folder);
    }
  }
  return [...named].filter((folder) => !namedFromWithin(folder, named, resources)).toSorted();
}

function pathsOf(resource: Resource): string[] {
  const paths: unknown[] = [resource.metadata.annotations?.[buildAnnotation]];
  if (resource.kind === "WasmComponent") paths.push(resource.spec.source);
  return paths.filter((path) => typeof path === "string");
}

/** Whether only files that lie in other named folders name this one: they are not read, so it is not named. */
function namedFromWithin(folder: string, named: ReadonlySet<string>, resources: Resources): boolean {
  for (const resource of resources) {
    const file = resources.position(resource)?.file;
    if (file === undefined || [...named].some((other) => isIn(other, file))) continue;
    if (pathsOf(resource).some((path) => pathInSite(file, path) === folder)) return false;
  }
  return true;
}

/** A look at the bytes saves parsing the many files that name nothing. */
function mightName(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.includes("source") || buffer.includes(buildAnnotation);
}
