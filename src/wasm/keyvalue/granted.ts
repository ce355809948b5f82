import type { KeyValueStore, KeyValueStores } from "./contract.ts";

/**
 * Opens the stores that somebody was granted, and no others. Those of one namespace share those of one name.
 *
 * @param names that a guest may open.
 */
export function grantedStores(
  stores: KeyValueStores,
  namespace: string,
  names: readonly string[],
): (name: string) => KeyValueStore | "access-denied" {
  return (name) => (names.includes(name) ? stores.open(`${namespace}/${name}`) : "access-denied");
}
