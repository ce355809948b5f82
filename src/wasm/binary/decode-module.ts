import { heldType, limitsOf, recursionGroup } from "./core-types.ts";
import { elementSegment } from "./element.ts";
import { initialValue } from "./initial.ts";
import { limits } from "./limits.ts";
import type { CoreModule, ExternKind, Section } from "./module.ts";
import { externKinds, section, sectionOrder } from "./module.ts";
import { allEntries, Reader } from "./reader.ts";

/**
 * Reads a core module. Code and data stay as they are; whether code is valid, V8 says.
 * Throws `component-malformed`.
 * @param base offset of `bytes` in the file it came from, for messages.
 * @param entries what the component that it is of may still have.
 */
export function decodeModule(bytes: Uint8Array, base = 0, entries = allEntries()): CoreModule {
  const reader = new Reader(bytes, 0, bytes.length, { base, section: "module header", entries });
  if (bytes.length < 8 || magic.some((byte, i) => bytes[i] !== byte)) {
    reader.fail("expected a core module (00 61 73 6d 01 00 00 00)");
  }
  reader.position = 8;
  const module = emptyModule(bytes);
  const constants: Constants = [];
  let order = 0;
  while (!reader.done) {
    const header = reader.position;
    const id = reader.u8("a section");
    const name = sectionNames[id] ?? reader.fail(`expected a section, got id ${id}`, header);
    const part = reader.part(reader.u32("a section's length"), `${name} section`);
    const found: Section = { id, name: undefined, header, start: part.position, end: part.end };
    reader.spend(1, header);
    module.sections.push(found);
    if (id === section.custom) {
      found.name = part.name("a custom section's name");
      if (found.name === "name") module.name = moduleName(part);
      continue;
    }
    if (sectionOrder.indexOf(id) < order) reader.fail(`expected the ${name} section earlier, and once`, header);
    order = sectionOrder.indexOf(id) + 1;
    readSection(part, id, module, constants);
    part.finish(`${name} section`);
  }
  if (module.bodies.length !== module.functions.length - module.importedFunctions) {
    reader.fail(
      `expected ${module.functions.length - module.importedFunctions} function bodies, got ${module.bodies.length}`,
    );
  }
  return module;
}

const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const sectionNames = [
  "custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data",
  "data count", "tag",
]; // prettier-ignore
function emptyModule(bytes: Uint8Array): CoreModule {
  return {
    bytes,
    sections: [],
    types: [],
    objects: [],
    imports: [],
    importsStart: 0,
    functions: [],
    importedFunctions: 0,
    tables: [],
    importedTables: 0,
    memories: [],
    importedMemories: 0,
    globals: 0,
    importedGlobals: 0,
    mutableGlobals: [],
    referenced: [],
    tags: [],
    holdsObjects: false,
    holdsExceptions: false,
    initialObjects: 0,
    exports: [],
    start: undefined,
    elements: [],
    bodies: [],
    name: undefined,
  };
}

/** Values of globals that never change, where they are known. */
type Constants = (number | undefined)[];

function readSection(reader: Reader, id: number, module: CoreModule, constants: Constants): void {
  switch (id) {
    case section.type:
      for (let n = reader.count("types"); n > 0; n--) recursionGroup(reader, module);
      return;
    case section.import:
      importSection(reader, module);
      return;
    case section.function:
      for (let n = reader.count("functions"); n > 0; n--) module.functions.push(typeIndex(reader, module));
      return;
    case section.table:
      for (let n = reader.count("tables", 3); n > 0; n--) tableEntry(reader, module, constants);
      return;
    case section.memory:
      for (let n = reader.count("memories", 2); n > 0; n--) memoryEntry(reader, module);
      return;
    case section.global:
      for (let n = reader.count("globals", 3); n > 0; n--) {
        const [index, mutable] = [module.globals, globalType(reader, module, true)];
        const value = initialValue(reader, module, constants);
        if (!mutable) constants[index] = value;
      }
      return;
    case section.export:
      exportSection(reader, module);
      return;
    case section.start:
      module.start = reader.u32("the start function");
      return;
    case section.element:
      for (let n = reader.count("element segments", 2); n > 0; n--) {
        module.elements.push(elementSegment(reader, module, constants));
      }
      return;
    case section.code:
      for (let n = reader.count("function bodies", 3); n > 0; n--) {
        const length = reader.u32("a function's length");
        const start = reader.position;
        reader.take(length, "a function");
        module.bodies.push({ start, end: reader.position });
      }
      return;
    case section.tag:
      for (let n = reader.count("tags", 2); n > 0; n--) tagType(reader, module);
      return;
    default:
      // Data segments and their count: nothing in them moves or matters to the linker.
      reader.position = reader.end;
  }
}

function importSection(reader: Reader, module: CoreModule): void {
  const count = reader.count("imports", 4);
  if (count > limits.imports) reader.fail(`expected at most ${limits.imports} imports, got ${count}`);
  module.importsStart = reader.position;
  for (let n = count; n > 0; n--) importEntry(reader, module);
}

function exportSection(reader: Reader, module: CoreModule): void {
  const count = reader.count("exports", 3);
  if (count > limits.exports) reader.fail(`expected at most ${limits.exports} exports, got ${count}`);
  for (let n = count; n > 0; n--) {
    const name = reader.name("an export's name");
    module.exports.push({ name, kind: externKind(reader), index: reader.u32("an index") });
  }
}

function importEntry(reader: Reader, module: CoreModule): void {
  const from = reader.name("an import's module");
  const name = reader.name("an import's name");
  const kind = externKind(reader);
  let index = 0;
  if (kind === "func") {
    index = typeIndex(reader, module);
    module.functions.push(index);
    module.importedFunctions++;
  } else if (kind === "table") {
    index = module.importedTables++;
    tableEntry(reader, module, undefined);
  } else if (kind === "memory") {
    index = module.importedMemories++;
    memoryEntry(reader, module);
  } else if (kind === "global") {
    index = module.importedGlobals++;
    globalType(reader, module, false);
  } else {
    index = module.tags.length;
    tagType(reader, module);
  }
  module.imports.push({ module: from, name, kind, index });
}

function typeIndex(reader: Reader, module: CoreModule): number {
  const at = reader.position;
  const index = reader.u32("a function type");
  if (module.types[index] === undefined) reader.fail(`expected the index of a function type, got ${index}`, at);
  return index;
}

function externKind(reader: Reader): ExternKind {
  const byte = reader.u8("what it is");
  return (
    externKinds[byte] ??
    reader.fail(`expected a function, table, memory, global or tag, got ${byte}`, reader.position - 1)
  );
}

function tableEntry(reader: Reader, module: CoreModule, constants: Constants | undefined): void {
  const start = reader.position;
  const initialised = constants !== undefined && reader.peek() === 0x40;
  if (initialised) reader.take(2, "a table");
  heldType(reader, module);
  const limitsStart = reader.position;
  const size = limitsOf(reader, "table");
  const limitsEnd = reader.position;
  if (initialised) initialValue(reader, module, constants);
  module.tables.push({ ...size, start, limitsStart, limitsEnd, end: reader.position });
}

function memoryEntry(reader: Reader, module: CoreModule): void {
  const start = reader.position;
  const size = limitsOf(reader, "memory");
  module.memories.push({ ...size, start, end: reader.position });
}

/** Answers whether it can change. */
function globalType(reader: Reader, module: CoreModule, own: boolean): boolean {
  const start = reader.position;
  heldType(reader, module);
  const end = reader.position;
  const mutable = reader.u8("mutability");
  if (mutable > 1) reader.fail("expected 0 or 1 for mutability", end);
  if (own && mutable === 1) module.mutableGlobals.push({ index: module.globals, start, end });
  module.globals++;
  return mutable === 1;
}

function tagType(reader: Reader, module: CoreModule): void {
  reader.u8("a tag");
  module.tags.push(typeIndex(reader, module));
}

/** Subsection 0 of the name section. A broken one is none: names are for people only. */
function moduleName(reader: Reader): string | undefined {
  try {
    if (reader.u8() !== 0) return undefined;
    return reader.part(reader.u32(), "name section").name();
  } catch {
    return undefined;
  }
}
