/** What a core module holds, as far as the linker and the rewriter need it; code stays undecoded. */
export interface CoreModule {
  bytes: Uint8Array;
  /** All of them in order, custom ones included; joined they are the module again. */
  sections: Section[];
  /** By type index; undefined for types other than functions. */
  types: (FunctionType | undefined)[];
  /** The same for types of objects. */
  objects: (ObjectType | undefined)[];
  imports: ModuleImport[];
  /** Offset of the first import. */
  importsStart: number;
  /** Type indices of all functions, imported ones first. */
  functions: number[];
  importedFunctions: number;
  tables: TableType[];
  importedTables: number;
  memories: MemoryType[];
  importedMemories: number;
  /** Imported and own ones. */
  globals: number;
  importedGlobals: number;
  /** Own ones that can change, in order. */
  mutableGlobals: MutableGlobal[];
  /** Functions whose references initialise globals, tables or elements, other than those in `elements`. */
  referenced: number[];
  /** Type indices of all tags. */
  tags: number[];
  /** Some global, table or element segment may hold an object of the engine's heap. */
  holdsObjects: boolean;
  /** Some global, table, element segment or field of an object may hold an exception. */
  holdsExceptions: boolean;
  /** Bytes of the objects that it makes when it is instantiated; `Infinity` where that is not said by constants. */
  initialObjects: number;
  exports: ModuleExport[];
  start: number | undefined;
  elements: ElementSegment[];
  /** Bodies of own functions, in order. */
  bodies: Body[];
  name: string | undefined;
}

export interface Section {
  id: number;
  /** Of a custom section. */
  name: string | undefined;
  /** Offsets in `CoreModule.bytes`: of the id, of the content, behind the content. */
  header: number;
  start: number;
  end: number;
}

/** Value types by their first byte: 0x7f is i32, 0x7e i64, 0x7d f32, 0x7c f64, 0x7b v128, references below. */
export interface FunctionType {
  params: number[];
  results: number[];
}

/** A structure or an array of the engine's heap. */
export interface ObjectType {
  kind: "struct" | "array";
  /** Of a structure. */
  fields: number;
  /** Bytes that a structure takes, or one element of an array. */
  bytes: number;
}

export type ExternKind = "func" | "table" | "memory" | "global" | "tag";

export interface ModuleImport {
  module: string;
  name: string;
  kind: ExternKind;
  /** Type index of a function; place in the space of its kind otherwise. */
  index: number;
}

export interface ModuleExport {
  name: string;
  kind: ExternKind;
  index: number;
}

export interface Limits {
  minimum: number;
  maximum: number | undefined;
  shared: boolean;
  /** 64-bit addresses. */
  wide: boolean;
}

export interface TableType extends Limits {
  /** Offsets of reference type and limits, and of the initial value where there is one. */
  start: number;
  limitsStart: number;
  limitsEnd: number;
  end: number;
}

export interface MutableGlobal {
  index: number;
  /** Offsets of its value type. */
  start: number;
  end: number;
}

export interface MemoryType extends Limits {
  start: number;
  end: number;
}

export interface ElementSegment {
  mode: "active" | "passive" | "declared";
  table: number;
  /** Constant offset of an active segment, where it is a plain i32.const. */
  offset: number | undefined;
  /** Functions that it names, in order; undefined where an entry is something else. */
  functions: (number | undefined)[];
}

export interface Body {
  /** Of the local declarations. */
  start: number;
  end: number;
}

/** Section identifiers of core modules. */
export const section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** As sections must follow each other: tags come behind memories, the data count before the code. */
export const sectionOrder: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

export const externKinds: readonly ExternKind[] = ["func", "table", "memory", "global", "tag"];

const exportsByName = new WeakMap<CoreModule, Map<string, ModuleExport>>();

/** The export of a name, found in constant time: modules may have a hundred thousand. */
export function exportOf(module: CoreModule, name: string): ModuleExport | undefined {
  let found = exportsByName.get(module);
  if (found === undefined) {
    found = new Map(module.exports.map((one) => [one.name, one]));
    exportsByName.set(module, found);
  }
  return found.get(name);
}
