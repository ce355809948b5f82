import type { Primitive } from "../binary/index.ts";
import type { CoreType } from "../host/contract.ts";
import type { CoreExport } from "./manifest.ts";

/**
 * How the components of one component call each other: plain data, a part of the manifest of those that are composed
 * of several, or that define resources. Instances of components are told apart by numbers, from 0.
 */
export interface CompositionPlan {
  /** Types of values that cross, each once. Only earlier ones are named by later ones. */
  types: TypePlan[];
  resources: ResourcePlan[];
  /** What core modules import for it: `ImportSource` of the kind `crossing`. */
  crossings: CrossingPlan[];
}

/** Indices are those of `CompositionPlan.types`; null: nothing. */
export type TypePlan =
  | { kind: "primitive"; primitive: Exclude<Primitive, "error-context"> }
  | { kind: "record"; fields: number[] }
  | { kind: "variant"; cases: (number | null)[] }
  | { kind: "list"; element: number; length: number | null }
  | { kind: "flags"; count: number }
  | { kind: "enum"; count: number }
  | { kind: "handle"; owned: boolean; resource: number };

export type ResourcePlan =
  | { kind: "host"; interface: string; version: string; name: string }
  /** Defined by the instance `owner`, whose function destroys what `resource.new` was given. */
  | { kind: "defined"; name: string; owner: number; destructor: CoreExport | null };

export type CrossingPlan = CallPlan | ResourceUsePlan;

/** A lifted function of one instance that another one lowers. */
export interface CallPlan {
  kind: "call";
  /** For messages. */
  name: string;
  caller: number;
  callee: number;
  params: number[];
  result: number | null;
  core: CoreExport;
  postReturn: CoreExport | null;
  /** Indices of `Manifest.lowerings`: canonical options of the lower and of the lift. */
  lower: number;
  lift: number;
  /** As the caller imports it. */
  signature: { params: CoreType[]; results: CoreType[] };
}

/** `resource.new`, `resource.rep` and `resource.drop` on what an instance of a component defines. */
export interface ResourceUsePlan {
  kind: "new" | "rep" | "drop";
  caller: number;
  resource: number;
  signature: { params: CoreType[]; results: CoreType[] };
}

/** What a crossing reaches once the instances exist. */
export interface CrossingEnds {
  /** The lifted function, or the destructor. */
  call: ((...args: (number | bigint)[]) => unknown) | undefined;
  postReturn: ((result: unknown) => void) | undefined;
}
