export type { KeyValueStore, KeyValueStores } from "./contract.ts";
export { SqliteStores } from "./sqlite.ts";
