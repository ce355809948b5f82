import type { Inventory } from "./inventory.ts";

interface Reference {
  from: { group: string; kind: string; namespace: string };
  to: { group: string; kind: string; namespace: string; name: string };
}

/** Whether a reference stays in its namespace, or a ReferenceGrant in the namespace it leads to allows it. */
export function isGranted({ from, to }: Reference, inventory: Inventory): boolean {
  if (from.namespace === to.namespace) return true;
  return inventory
    .all("ReferenceGrant")
    .some(
      ({ metadata, spec }) =>
        metadata.namespace === to.namespace &&
        spec.from.some((f) => f.group === from.group && f.kind === from.kind && f.namespace === from.namespace) &&
        spec.to.some((t) => t.group === to.group && t.kind === to.kind && (t.name === undefined || t.name === to.name)),
    );
}
