export type { KeyValueStore, KeyValueStores } from "./contract.ts";
export { grantedStores } from "./granted.ts";
export { SqliteStores } from "./sqlite.ts";
