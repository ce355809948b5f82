import type { Flat } from "../link/flat.ts";
import type { CoreValue, End } from "./end.ts";

/**
 * How values of one type cross: taken from one side as core values or out of memory, given to the other.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#lifting-and-lowering-values
 */
export interface Codec {
  readonly flat: Flat;
  /** From core values. */
  lift(from: End, values: CoreValues): unknown;
  /** Out of memory, at a place that was checked. */
  load(from: End, at: number): unknown;
  /** To core values. */
  lower(to: End, value: unknown, into: CoreValue[]): void;
  /** Into memory, at a place that was checked and marked. */
  store(to: End, value: unknown, at: number): void;
}

/** Core values, taken one after the other. */
export class CoreValues {
  readonly #values: readonly CoreValue[];
  #at = 0;

  constructor(values: readonly CoreValue[]) {
    this.#values = values;
  }

  /** An i32, f32 or f64. */
  number(): number {
    return this.#values[this.#at++] as number;
  }

  /** An i64. */
  bigint(): bigint {
    return this.#values[this.#at++] as bigint;
  }

  take(count: number): CoreValue[] {
    return this.#values.slice(this.#at, (this.#at += count));
  }
}
