import type { CanonOptions, Component, CoreModule, CoreSort } from "../binary/index.ts";
import type { BuiltInUse } from "../host/contract.ts";
import type { Manner } from "./flat.ts";
import type { Shape } from "./shape.ts";

/** What the definitions of a component come to, once aliases and nested components are followed. */
export interface Graph {
  /** Instances of core modules in the order that they are made. */
  instances: ModuleInstance[];
  exports: { name: string; item: Item }[];
}

/** One instance of a component. */
export interface Part {
  /** Byte offset of the definition, for messages. */
  at: number;
  /** The one that instantiated it. */
  parent: Part | undefined;
}

export interface ModuleInstance {
  kind: "module";
  module: CoreModule;
  /** The instance of a component that made it. */
  part: Part;
  /** Byte offset of the definition, for messages. */
  at: number;
  args: Map<string, CoreInstance>;
  /** Place in `Graph.instances`. */
  order: number;
}

/** A core instance put together from what others export. */
export interface CoreBag {
  kind: "bag";
  exports: Map<string, CoreItem>;
}

export type CoreInstance = ModuleInstance | CoreBag;

export type CoreItem =
  | { kind: "export"; sort: CoreSort; instance: ModuleInstance; name: string }
  | LowerItem<HostFunc>
  | LowerItem<LiftedFunc>
  | BuiltIn
  | ResourceItem;

/** `canon lower`, as one instance of a component uses it. */
export interface LowerItem<Func extends HostFunc | LiftedFunc = HostFunc | LiftedFunc> {
  kind: "lower";
  sort: "func";
  func: Func;
  part: Part;
  at: number;
  memory: CoreItem | undefined;
  realloc: CoreItem | undefined;
  encoding: CanonOptions["encoding"];
  /** Answers at once, with a subtask where it is not done. */
  async: boolean;
}

/** What the host gives. */
export type HostItem = LowerItem<HostFunc> | BuiltIn | (ResourceItem & { kind: "drop" });

/** `resource.new`, `resource.rep` and `resource.drop`, as one instance of a component uses them. */
export interface ResourceItem {
  kind: "new" | "rep" | "drop";
  sort: "func";
  resource: Resource;
  part: Part;
  at: number;
}

/** A function of the asynchronous ABI itself. */
export interface BuiltIn {
  kind: "built-in";
  sort: "func";
  use: BuiltInUse;
  /** What goes through a stream or future, or is returned. */
  value: Shape | undefined;
  memory: CoreItem | undefined;
  realloc: CoreItem | undefined;
  encoding: CanonOptions["encoding"];
  part: Part;
  at: number;
}

/** A function of an imported interface. */
export interface HostFunc {
  kind: "host";
  interface: string;
  version: string;
  name: string;
  type: FuncType;
}

export interface LiftedFunc {
  kind: "lift";
  part: Part;
  /** The first name that it is exported by. */
  name: string;
  core: CoreItem;
  memory: CoreItem | undefined;
  realloc: CoreItem | undefined;
  postReturn: CoreItem | undefined;
  encoding: CanonOptions["encoding"];
  manner: Manner;
  callback: CoreItem | undefined;
  type: FuncType;
}

export interface FuncType {
  params: Shape[];
  result: Shape | undefined;
  async: boolean;
}

export interface Resource {
  interface: string;
  version: string;
  name: string;
  /** By the instance of a component that makes them; else by the host. */
  defined?: { part: Part; destructor: CoreItem | undefined };
}

export type Type =
  | { kind: "value"; flat: Shape; flow?: Flow }
  | { kind: "func"; func: FuncType }
  | { kind: "resource"; resource: Resource }
  | { kind: "instance"; declare: (name: string) => Instance }
  /** Component types and core types: only passed over. */
  | { kind: "other" };

/** A stream or a future: what goes through it. */
export interface Flow {
  name: "stream" | "future";
  element: Shape | undefined;
  /** Of numbers, or of nothing. */
  plain: boolean;
}

export interface Instance {
  exports: Map<string, Item>;
}

export type Item =
  | { sort: "func"; func: HostFunc | LiftedFunc }
  | { sort: "type"; type: Type }
  | { sort: "instance"; instance: Instance }
  | { sort: "component"; component: Component; scope: Scope }
  | { sort: "core-module"; module: CoreModule }
  | { sort: "value" };

/** The index spaces of one component, growing as its definitions are followed. */
export interface Scope {
  parent: Scope | undefined;
  /** Undefined inside of the type of an instance. */
  part: Part | undefined;
  funcs: (HostFunc | LiftedFunc)[];
  types: Type[];
  instances: Instance[];
  components: { component: Component; scope: Scope }[];
  modules: CoreModule[];
  coreInstances: CoreInstance[];
  /** Core functions, tables, memories, globals and tags: one space for each sort. */
  core: Record<"func" | "table" | "memory" | "global" | "tag", CoreItem[]>;
}

export function newScope(parent: Scope | undefined, part?: Part): Scope {
  return {
    parent,
    part,
    funcs: [],
    types: [],
    instances: [],
    components: [],
    modules: [],
    coreInstances: [],
    core: { func: [], table: [], memory: [], global: [], tag: [] },
  };
}
