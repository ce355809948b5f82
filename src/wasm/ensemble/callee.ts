import type { Lowering } from "../host/contract.ts";
import type { CrossingEnds, LiftPlan } from "../link/crossing-plan.ts";
import type { Signature } from "../link/flat.ts";
import type { StringEncoding } from "../link/manifest.ts";
import type { Part } from "./part.ts";

/** A lifted function of one component. */
export interface Callee {
  readonly part: Part;
  /** For messages. */
  readonly name: string;
  readonly plan: LiftPlan;
  readonly signature: Signature;
  /** Filled in once instances exist. */
  readonly ends: CrossingEnds;
  /** Its canonical options. */
  readonly options: Lowering & { encoding: StringEncoding };
}
