import { doesNotExist, suggest } from "../../model/index.ts";
import type { Inventory } from "../plan/inventory.ts";

/** Why a reference leads nowhere. */
export interface Dangling {
  /** Which field of the reference is wrong. */
  field: "name" | "key";
  message: string;
  remedy: string;
}

type Source = "ConfigMap" | "Secret";

/** Keys of a ConfigMap or Secret; undefined where it does not exist. */
function keysOf(kind: Source, namespace: string, name: string, inventory: Inventory): string[] | undefined {
  const found = inventory.find(kind, namespace, name);
  if (found === undefined) return undefined;
  const more = found.kind === "Secret" ? found.stringData : found.binaryData;
  return [...new Set([...Object.keys(found.data ?? {}), ...Object.keys(more ?? {})])];
}

interface Reference {
  name?: string | undefined;
  key?: string | undefined;
  optional?: boolean | undefined;
}

/** Whether a ConfigMap or Secret, and the key if one is named, exists; undefined if so or optional. */
export function danglingSource(
  kind: Source,
  namespace: string,
  reference: Reference,
  inventory: Inventory,
): Dangling | undefined {
  const { name = "", key, optional } = reference;
  if (optional === true) return undefined;
  const keys = keysOf(kind, namespace, name, inventory);
  if (keys === undefined) return missing(kind, namespace, name, inventory);
  if (key === undefined || keys.includes(key)) return undefined;
  const near = suggest(key, keys);
  const known = keys.join(", ") || "none";
  return {
    field: "key",
    message: `${kind} ${namespace}/${name} has no key ${key} (its keys: ${known})`,
    remedy: near ? `Did you mean ${near}?` : `Add the key, or mark the reference optional: true.`,
  };
}

/** Comparing a name with more than so many others takes longer than it helps. */
const comparable = 500;

/** Words for a resource that does not exist, with the one that may have been meant. */
export function missing(
  kind: "ConfigMap" | "Secret" | "Service" | "WasmComponent" | "PersistentVolumeClaim" | "Gateway" | "ListenerSet",
  namespace: string,
  name: string,
  inventory: Inventory,
): Dangling {
  const names = inventory.all(kind).filter(({ metadata }) => metadata.namespace === namespace);
  const near =
    names.length > comparable
      ? undefined
      : suggest(
          name,
          names.map(({ metadata }) => metadata.name),
        );
  const elsewhere = inventory.all(kind).find(({ metadata }) => metadata.name === name);
  const words = { field: "name", message: doesNotExist(kind, namespace, name) } as const;
  if (near) return { ...words, remedy: `Did you mean ${near}?` };
  if (elsewhere) return { ...words, remedy: `There is one in namespace ${elsewhere.metadata.namespace}.` };
  return { ...words, remedy: `Add the ${kind} to the folder, or correct the name.` };
}
