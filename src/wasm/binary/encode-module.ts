import type { CoreModule, Section } from "./module.ts";
import { Writer } from "./writer.ts";

/** New contents by section; what is not named stays byte for byte, headers included. */
export interface Replacement {
  /** The new content of a section, or undefined to leave it out. Not asked for sections that stay. */
  replace: ReadonlyMap<Section, Uint8Array | undefined>;
  /** Sections to put before another one (or at the end, for undefined). */
  insert: { before: Section | undefined; id: number; content: Uint8Array }[];
}

/** Joins the sections to a module again. Without replacements the result equals `module.bytes`. */
export function encodeModule(module: CoreModule, change: Replacement = { replace: new Map(), insert: [] }): Uint8Array {
  const out = new Writer(module.bytes.length + 1024);
  out.copy(module.bytes, 0, 8);
  for (const section of module.sections) {
    for (const added of change.insert) if (added.before === section) put(out, added.id, added.content);
    if (!change.replace.has(section)) {
      out.copy(module.bytes, section.header, section.end);
      continue;
    }
    const content = change.replace.get(section);
    if (content !== undefined) put(out, section.id, content);
  }
  for (const added of change.insert) if (added.before === undefined) put(out, added.id, added.content);
  return out.view();
}

function put(out: Writer, id: number, content: Uint8Array): void {
  out.u8(id).u32(content.length).raw(content);
}
