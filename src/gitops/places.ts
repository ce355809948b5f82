import type { ErrorSubject } from "../foundation/errors/index.ts";
import { resourceKey } from "../model/index.ts";
import type { Path, Position, Resource, Resources } from "../model/index.ts";

/** Where what an error is about stands in the YAML; undefined where it came from no file. */
export type Locate = (subject: ErrorSubject) => Position | undefined;

/** Kinds of which something may fail while a site starts or runs. */
const kinds = [
  "WasmComponent",
  "Gateway",
  "ListenerSet",
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "Job",
  "Pod",
] as const;

/** Keeps the places alone, and not the resources: a site that runs for weeks has no use for those. */
export function locator(resources: Resources): Locate {
  const places = new Map<string, Position>();
  const note = (resource: Resource, path: Path, listener?: string): void => {
    const subject = { resource: resourceKey(resource), ...(listener !== undefined && { listener }) };
    const position = resources.position(resource, path);
    if (position !== undefined) places.set(keyOf(subject), position);
  };
  for (const resource of kinds.flatMap((kind): Resource[] => resources.all(kind))) {
    if (resource.kind === "WasmComponent") note(resource, ["spec", programOf(resource.spec)]);
    else note(resource, ["metadata", "name"]);
    if (resource.kind !== "Gateway" && resource.kind !== "ListenerSet") continue;
    for (const [index, { name }] of resource.spec.listeners.entries())
      note(resource, ["spec", "listeners", index, "port"], name);
  }
  return (subject) => places.get(keyOf(subject)) ?? places.get(subject.resource);
}

/** The field of a WasmComponent that says what its program is. */
export function programOf(spec: { file?: unknown; source?: unknown; image?: unknown }): "file" | "source" | "image" {
  return (["file", "source", "image"] as const).find((field) => spec[field] !== undefined) ?? "file";
}

/** No name holds a space. */
function keyOf({ resource, listener }: ErrorSubject): string {
  return listener === undefined ? resource : `${resource} ${listener}`;
}
