import { BandstandError } from "../../foundation/errors/index.ts";

const exportSection = 7;

/**
 * Renames exports of a core module: the language's identifiers cannot hold the names that the
 * component model wants (`wasi:http/incoming-handler@0.2.0#handle`). Other sections stay byte for byte.
 */
export function renameExports(module: Uint8Array, names: ReadonlyMap<string, string>): Uint8Array {
  const parts: Uint8Array[] = [module.subarray(0, 8)];
  let at = 8;
  while (at < module.length) {
    const start = at;
    const id = module[at];
    const size = readSize(module, at + 1);
    const end = size.next + size.value;
    if (end > module.length) throw malformed();
    parts.push(
      id === exportSection ? section(renamed(module.subarray(size.next, end), names)) : module.subarray(start, end),
    );
    at = end;
  }
  return Buffer.concat(parts);
}

function renamed(content: Uint8Array, names: ReadonlyMap<string, string>): Uint8Array {
  const count = readSize(content, 0);
  const parts: Uint8Array[] = [content.subarray(0, count.next)];
  let at = count.next;
  for (let index = 0; index < count.value; index++) {
    const size = readSize(content, at);
    const name = Buffer.from(content.subarray(size.next, size.next + size.value)).toString("utf8");
    const text = Buffer.from(names.get(name) ?? name);
    // Behind the name: one byte of kind, then the index.
    const afterKind = size.next + size.value + 1;
    const end = readSize(content, afterKind).next;
    parts.push(sizeBytes(text.length), text, content.subarray(afterKind - 1, end));
    at = end;
  }
  return Buffer.concat(parts);
}

function section(content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(exportSection), sizeBytes(content.length), content]);
}

/** Unsigned LEB128. */
function readSize(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0, next = at; shift < 35; shift += 7) {
    const byte = bytes[next++];
    if (byte === undefined) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: value >>> 0, next };
  }
  throw malformed();
}

function sizeBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return Uint8Array.from(bytes);
}

function malformed(): BandstandError {
  return new BandstandError("internal", "the compiler wrote a module that cannot be read");
}
