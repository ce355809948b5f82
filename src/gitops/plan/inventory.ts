import type { Kind, Resource, ResourceTypes } from "../../model/kinds/types.ts";

/** All resources of a site, found by kind and name. The order of files leaves no trace in it. */
export interface Inventory {
  /** Every resource of a kind, by namespace, then name. */
  all<K extends Kind>(kind: K): ResourceTypes[K][];
  find<K extends Kind>(kind: K, namespace: string, name: string): ResourceTypes[K] | undefined;
  /** Labels of a Namespace document, and the one that Kubernetes gives every namespace. */
  namespaceLabels(namespace: string): Record<string, string>;
}

/** Sorts and indexes resources. Of duplicates (a problem found elsewhere) the first by content is taken. */
export function takeInventory(resources: readonly Resource[]): Inventory {
  const byKind = new Map<string, Map<string, Resource>>();
  const sorted = resources.map((resource) => ({ key: keyOf(resource), resource }));
  sorted.sort((a, b) => compare(a.key, b.key) || compare(JSON.stringify(a.resource), JSON.stringify(b.resource)));
  for (const { key, resource } of sorted) {
    const known = byKind.get(resource.kind) ?? new Map<string, Resource>();
    byKind.set(resource.kind, known);
    if (!known.has(key)) known.set(key, resource);
  }

  return {
    all<K extends Kind>(kind: K) {
      return [...(byKind.get(kind)?.values() ?? [])] as ResourceTypes[K][];
    },
    find<K extends Kind>(kind: K, namespace: string, name: string) {
      return byKind.get(kind)?.get(`${namespace}/${name}`) as ResourceTypes[K] | undefined;
    },
    namespaceLabels(namespace) {
      const labels = (byKind.get("Namespace")?.get(`/${namespace}`) as ResourceTypes["Namespace"] | undefined)?.metadata
        .labels;
      return { ...labels, "kubernetes.io/metadata.name": namespace };
    },
  };
}

/** `namespace/name`, the identifier of resources in plans. */
export function idOf(resource: { metadata: { name: string; namespace?: string } }): string {
  return `${resource.metadata.namespace ?? ""}/${resource.metadata.name}`;
}

/** Order by code units: the same on every machine, whatever its locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Dated = { metadata: { name: string; namespace?: string; creationTimestamp?: string | undefined } };

/**
 * The oldest first, then by name: who has what several want, in all of the Gateway API. Without a date that can be read a resource is
 * younger than all with one.
 */
export function byAge(a: Dated, b: Dated): number {
  const [first, second] = [bornAt(a), bornAt(b)];
  return first < second ? -1 : first > second ? 1 : compare(idOf(a), idOf(b));
}

/** Milliseconds since 1970. */
function bornAt({ metadata: { creationTimestamp = "" } }: Dated): number {
  const time = Date.parse(creationTimestamp);
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
}

function keyOf(resource: Resource): string {
  return idOf(resource);
}
