import type { Primitive } from "../binary/index.ts";
import type { CoreType } from "../host/contract.ts";
import type { Manner } from "./flat.ts";
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
  /**
   * One of them uses the asynchronous ABI. By instance, the one that instantiated it (-1: none), with numbers behind the
   * last for those without code of their own.
   */
  parents?: number[];
  /** Those that run code, where there are `parents`. */
  parts?: number;
}

/** Indices are those of `CompositionPlan.types`; null: nothing. */
export type TypePlan =
  | { kind: "primitive"; primitive: Primitive }
  | { kind: "record"; fields: number[] }
  | { kind: "variant"; cases: (number | null)[] }
  | { kind: "list"; element: number; length: number | null }
  | { kind: "flags"; count: number }
  | { kind: "enum"; count: number }
  | { kind: "handle"; owned: boolean; resource: number }
  | { kind: "flow"; name: "stream" | "future"; element: number | null };

export type ResourcePlan =
  | { kind: "host"; interface: string; version: string; name: string }
  /** Defined by the instance `owner`, whose function destroys what `resource.new` was given. */
  | { kind: "defined"; name: string; owner: number; destructor: CoreExport | null };

export type CrossingPlan = CallPlan | ResourceUsePlan;

/** The type of a function, and how it is lifted. */
export interface LiftPlan {
  /** By its type it may take its time. */
  mayBlock: boolean;
  manner: Manner;
  params: number[];
  result: number | null;
}

/** A lifted function of one instance that another one lowers. */
export interface CallPlan extends LiftPlan {
  kind: "call";
  /** For messages. */
  name: string;
  caller: number;
  callee: number;
  core: CoreExport;
  postReturn: CoreExport | null;
  callback: CoreExport | null;
  /** Lowered so that it answers at once, with a subtask where it is not done. */
  async: boolean;
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
  callback: ((event: number, first: number, second: number) => unknown) | undefined;
}
