import type { Entries } from "./reader.ts";

/**
 * A component as its binary says it: definitions in order, since each may only use what came before.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 */
export interface Component {
  definitions: Definition[];
}

export type CoreSort = "func" | "table" | "memory" | "global" | "tag" | "type" | "module" | "instance";
export type Sort = "func" | "value" | "type" | "component" | "instance";

export interface CoreRef {
  sort: CoreSort;
  index: number;
}
/** `core module` is the only core sort that components hand around. */
export type Ref = { sort: Sort; index: number } | { sort: "core"; core: CoreRef };

export interface Named<T> {
  name: string;
  ref: T;
}

export type Definition = { at: number } & (
  | { kind: "core-module"; bytes: Uint8Array; offset: number; entries: Entries }
  | { kind: "core-instance"; module: number; args: { name: string; instance: number }[] }
  | { kind: "core-bag"; exports: Named<CoreRef>[] }
  | { kind: "core-type" }
  | { kind: "component"; component: Component }
  | { kind: "instance"; component: number; args: Named<Ref>[] }
  | { kind: "bag"; exports: Named<Ref>[] }
  | { kind: "alias-export"; sort: Sort | "core-module"; instance: number; name: string }
  | { kind: "alias-core-export"; sort: CoreSort; instance: number; name: string }
  | { kind: "alias-outer"; sort: Ref["sort"] | "core-module" | "core-type"; count: number; index: number }
  | { kind: "type"; type: TypeDefinition }
  | { kind: "lift"; core: number; type: number; options: CanonOptions }
  | { kind: "lower"; func: number; options: CanonOptions }
  | { kind: "resource"; operation: "new" | "drop" | "rep"; type: number }
  | BuiltInDefinition
  | { kind: "import"; name: string; extern: Extern }
  | { kind: "export"; name: string; ref: Ref; extern: Extern | undefined }
  | { kind: "start" }
  | { kind: "value" }
);

export interface CanonOptions {
  encoding: "utf8" | "utf16" | "latin1+utf16";
  memory: number | undefined;
  realloc: number | undefined;
  postReturn: number | undefined;
  async: boolean;
  /** Called with each event that a task waits for. */
  callback: number | undefined;
}

/** A function of the asynchronous ABI itself; what a form does not name is undefined. */
export interface BuiltInDefinition {
  kind: "built-in";
  name: BuiltInName;
  /** A stream or future. */
  type: number | undefined;
  /** What `task.return` takes. */
  result: ValueRef | undefined;
  options: CanonOptions;
  /** May be interrupted by a cancellation of its task. */
  cancellable: boolean;
  /** Of `context.get` and `context.set`. */
  slot: number;
}

type EndName = "new" | "read" | "write" | "cancel-read" | "cancel-write" | "drop-readable" | "drop-writable";

export type BuiltInName =
  | "task.return" | "task.cancel" | "context.get" | "context.set" | "thread.yield"
  | "backpressure.set" | "backpressure.inc" | "backpressure.dec" | "subtask.cancel" | "subtask.drop"
  | "waitable-set.new" | "waitable-set.wait" | "waitable-set.poll" | "waitable-set.drop" | "waitable.join"
  | "error-context.new" | "error-context.debug-message" | "error-context.drop"
  | `${"stream" | "future"}.${EndName}`; // prettier-ignore

/** What an import or export is said to be; indices into the type space in force. */
export type Extern =
  | { kind: "core-module"; type: number }
  | { kind: "func" | "component" | "instance"; type: number }
  | { kind: "value" }
  | { kind: "type"; equals: number }
  | { kind: "resource" };

export type TypeDefinition =
  | { kind: "value"; value: ValueShape }
  | { kind: "func"; params: { name: string; type: ValueRef }[]; result: ValueRef | undefined; async: boolean }
  | { kind: "component" }
  | { kind: "instance"; definitions: InstanceDeclaration[] }
  /** The core function that destroys one. */
  | { kind: "resource"; destructor: number | undefined };

export type InstanceDeclaration =
  | { kind: "core-type" }
  | { kind: "type"; type: TypeDefinition }
  | { kind: "alias-outer"; sort: Ref["sort"] | "core-module" | "core-type"; count: number; index: number }
  | { kind: "alias-export"; sort: Sort | "core-module"; instance: number; name: string }
  | { kind: "export"; name: string; extern: Extern };

export type Primitive =
  | "bool" | "s8" | "u8" | "s16" | "u16" | "s32" | "u32" | "s64" | "u64" | "f32" | "f64" | "char" | "string"
  | "error-context"; // prettier-ignore

/** A primitive, or an index into the type space in force. */
export type ValueRef = Primitive | number;

export type ValueShape =
  | { kind: "primitive"; primitive: Primitive }
  | { kind: "record"; fields: ValueRef[] }
  | { kind: "variant"; cases: (ValueRef | undefined)[] }
  | { kind: "list"; element: ValueRef; length: number | undefined }
  | { kind: "flags"; count: number }
  | { kind: "enum"; count: number }
  | { kind: "handle"; owned: boolean; resource: number }
  | { kind: "async"; name: "stream" | "future"; element: ValueRef | undefined };
