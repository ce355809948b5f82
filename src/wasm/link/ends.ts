import type { CrossingEnds } from "./crossing-plan.ts";
import type { CrossingLowering } from "./instance.ts";
import type { CoreExport, Manifest } from "./manifest.ts";

type Exports = Record<string, unknown>;

/** What the crossings of a place reach: filled in as soon as it is there, since start functions may already call. */
export class Ends {
  /** By the place of the crossing in its plan. */
  readonly of: readonly CrossingEnds[];
  /** By the instance that they come from. */
  readonly #fills: ((exports: Exports) => void)[][] = [];

  constructor({ composition, lowerings }: Manifest, made: readonly CrossingLowering[]) {
    this.of = composition?.crossings.map(() => ({ call: undefined, postReturn: undefined, callback: undefined })) ?? [];
    if (composition === undefined) return;
    const { crossings, resources } = composition;
    for (const [i, plan] of crossings.entries()) {
      const ends = this.of[i]!;
      if (plan.kind === "call") {
        this.#fill(plan.core, (found) => void (ends.call = found as CrossingEnds["call"]));
        this.#fill(plan.postReturn, (found) => void (ends.postReturn = found as CrossingEnds["postReturn"]));
        this.#fill(plan.callback, (found) => void (ends.callback = found as CrossingEnds["callback"]));
      } else if (plan.kind === "drop") {
        const resource = resources[plan.resource]!;
        const destructor = resource.kind === "defined" ? resource.destructor : null;
        this.#fill(destructor, (found) => void (ends.call = found as CrossingEnds["call"]));
      }
    }
    for (const [i, { realloc }] of lowerings.entries()) {
      this.#fill(realloc ?? null, (found) => void (made[i]!.realloc = found as CrossingLowering["realloc"]));
    }
  }

  /** An instance was made. */
  made(instance: number, exports: Exports): void {
    const fills = this.#fills[instance];
    if (fills !== undefined) for (const fill of fills) fill(exports);
  }

  /** Of an instance that is over. */
  forget(): void {
    for (const ends of this.of) ends.call = ends.postReturn = ends.callback = undefined;
  }

  #fill(source: CoreExport | null, put: (found: unknown) => void): void {
    if (source === null) return;
    (this.#fills[source.instance] ??= []).push((exports) => put(exports[source.name]));
  }
}
