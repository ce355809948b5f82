import { constantI32 } from "./element.ts";
import type { CoreModule } from "./module.ts";
import { section } from "./module.ts";
import { Reader } from "./reader.ts";

/** Bytes that are written into a memory when a module is instantiated. */
export interface ActiveData {
  memory: number;
  /** Undefined where no constant says it. */
  offset: number | undefined;
  length: number;
}

/**
 * The active data segments. The flags: 1 passive, 2 memory named.
 * https://webassembly.github.io/spec/core/binary/modules.html#data-section
 */
export function activeData({ bytes, sections }: CoreModule): ActiveData[] {
  const found = sections.find(({ id }) => id === section.data);
  if (found === undefined) return [];
  const reader = new Reader(bytes, found.start, found.end, { base: 0, section: "data section" });
  const segments: ActiveData[] = [];
  for (let n = reader.count("data segments", 2); n > 0; n--) {
    const flags = reader.u32("a data segment");
    const memory = flags === 2 ? reader.u32("a memory") : 0;
    const offset = flags === 1 ? undefined : constantI32(reader);
    const length = reader.u32("a data segment's length");
    reader.take(length, "a data segment");
    if (flags !== 1) segments.push({ memory, offset: offset === undefined ? undefined : offset >>> 0, length });
  }
  return segments;
}
