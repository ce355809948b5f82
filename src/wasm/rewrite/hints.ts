import type { CoreModule } from "../binary/index.ts";
import { Reader, Writer } from "../binary/index.ts";

/** https://github.com/WebAssembly/branch-hinting */
export const hintSection = "metadata.code.branch_hint";

/** Pairs of offset and likelihood by function index. */
export type Hints = Map<number, number[]>;

/** The module's own hints. Broken ones are none: they are advice only. */
export function declaredHints(module: CoreModule): Hints {
  const hints: Hints = new Map();
  const section = module.sections.find(({ name }) => name === hintSection);
  if (section === undefined) return hints;
  try {
    const reader = new Reader(module.bytes, section.start, section.end);
    reader.name();
    for (let n = reader.count("functions"); n > 0; n--) {
      const pairs: number[] = [];
      hints.set(reader.u32(), pairs);
      for (let m = reader.count("hints", 3); m > 0; m--) {
        const offset = reader.u32();
        if (reader.u32() !== 1) return new Map();
        pairs.push(offset, reader.u8() === 0 ? 0 : 1);
      }
    }
  } catch {
    return new Map();
  }
  return hints;
}

/** The content of a hint section, or undefined where there is nothing to say. */
export function hintContent(hints: Hints): Uint8Array | undefined {
  const filled = [...hints].filter(([, pairs]) => pairs.length > 0).toSorted(([a], [b]) => a - b);
  if (filled.length === 0) return undefined;
  const out = new Writer().name(hintSection).u32(filled.length);
  for (const [func, pairs] of filled) {
    out.u32(func).u32(pairs.length / 2);
    for (let i = 0; i < pairs.length; i += 2)
      out
        .u32(pairs[i]!)
        .u32(1)
        .u8(pairs[i + 1]!);
  }
  return out.view();
}
