import type { KeyValueStore } from "../../keyvalue/index.ts";
import { Resource } from "../handles.ts";

export class Bucket extends Resource {
  readonly kind = "bucket";
  readonly store: KeyValueStore;

  constructor(store: KeyValueStore) {
    super();
    this.store = store;
  }
}

/** A value as it was, to be swapped for another if it still is. */
export class Cas extends Resource {
  readonly kind = "cas";
  readonly store: KeyValueStore;
  readonly key: string;
  readonly before: Uint8Array | undefined;

  constructor(store: KeyValueStore, key: string, before: Uint8Array | undefined) {
    super();
    this.store = store;
    this.key = key;
    this.before = before;
  }
}
