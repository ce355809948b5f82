import type { PodVolumePlan, SecretRef } from "../../../model/plan/index.ts";
import { Unplannable } from "../config/unplannable.ts";
import { absent, absentKey } from "../config/sources.ts";
import type { PodContext } from "./context.ts";
import { fieldValue, resourceValue } from "./fields.ts";

export type PlannedFile = Extract<PodVolumePlan, { type: "files" }>["files"][number];

interface Item {
  key: string;
  path: string;
  mode?: number | undefined;
}
interface Reference {
  name?: string | undefined;
  items?: Item[] | undefined;
  optional?: boolean | undefined;
}

/** All keys of a ConfigMap as files, or those that `items` choose. Throws Unplannable. */
export function configMapFiles({ name = "", items, optional }: Reference, pod: PodContext): PlannedFile[] {
  const map = pod.inventory.find("ConfigMap", pod.namespace, name);
  if (map === undefined) return absent(optional, "ConfigMap", name, pod.namespace) ?? [];
  const contents = new Map<string, PlannedFile["content"]>();
  for (const [key, value] of Object.entries(map.data ?? {})) contents.set(key, { value });
  for (const [key, value] of Object.entries(map.binaryData ?? {}))
    contents.set(key, { base64: value.replaceAll(/\s/g, "") });
  return choose([...contents.keys()], items, (key) => contents.get(key), { kind: "ConfigMap", name, optional });
}

/** The same of a Secret; contents are pointers. Throws Unplannable. */
export function secretFiles({ name = "", items, optional }: Reference, pod: PodContext): PlannedFile[] {
  const keys = pod.secrets.keys(pod.namespace, name);
  if (keys === undefined) return absent(optional, "Secret", name, pod.namespace) ?? [];
  const content = (key: string) => pointer(pod.secrets.ref(pod.namespace, name, key));
  return choose(keys, items, content, { kind: "Secret", name, optional });
}

interface DownwardItem {
  path: string;
  fieldRef?: { fieldPath: string } | undefined;
  resourceFieldRef?: { resource: string; containerName?: string | undefined } | undefined;
  mode?: number | undefined;
}

/** Files of the downward API; a field that is not supported has no file. */
export function downwardFiles(items: readonly DownwardItem[], pod: PodContext): PlannedFile[] {
  return items.flatMap(({ path, fieldRef, resourceFieldRef, mode }) => {
    const value = fieldRef
      ? fieldValue(fieldRef.fieldPath, pod)
      : resourceFieldRef && resourceValue(resourceFieldRef, undefined, pod);
    return value === undefined ? [] : [file(path, mode, { value })];
  });
}

function choose(
  keys: string[],
  items: readonly Item[] | undefined,
  content: (key: string) => PlannedFile["content"] | undefined,
  { kind, name, optional }: { kind: string; name: string; optional: boolean | undefined },
): PlannedFile[] {
  const wanted: readonly Item[] = items ?? keys.map((key) => ({ key, path: key }));
  return wanted.flatMap(({ key, path, mode }) => {
    const found = content(key);
    return found ? [file(path, mode, found)] : (absentKey(optional, kind, name, key, keys) ?? []);
  });
}

function file(path: string, mode: number | undefined, content: PlannedFile["content"]): PlannedFile {
  if (!staysInside(path)) {
    throw new Unplannable(
      `the path ${JSON.stringify(path)} of a volume's file leaves the volume`,
      "Use a relative path without '..'.",
      "invalid-value",
    );
  }
  return { path, ...(mode === undefined ? {} : { mode }), content };
}

/** A relative path without `..`, as Kubernetes asks of volume files and subPath. */
export function staysInside(path: string): boolean {
  return path !== "" && !path.startsWith("/") && !path.includes("\0") && !path.split("/").includes("..");
}

function pointer(secret: SecretRef | undefined): { secret: SecretRef } | undefined {
  return secret && { secret };
}
