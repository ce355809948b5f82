import { isAscii, isUtf8 } from "node:buffer";
import { flatPrimitive } from "../link/flat.ts";
import type { Codec } from "./codec.ts";
import type { End } from "./end.ts";

/** In `latin1+utf16`, says of a length that it counts units of UTF-16. */
const utf16Tag = 0x8000_0000;
const longest = 0x7fff_ffff;
/** Bytes that are decoded at a time. */
const piece = 256 << 10;

/** UTF-8 as it lies in the memory that it comes from: decoded only where the other side wants something else. */
class Utf8 {
  readonly from: End;
  readonly at: number;
  readonly size: number;

  constructor(from: End, at: number, size: number) {
    this.from = from;
    this.at = at;
    this.size = size;
  }

  /** In pieces, since to decode what is not ASCII takes long. */
  text(to: End): string {
    const { bytes } = this.from.memory;
    const end = this.at + this.size;
    let text = "";
    for (let at = this.at; at < end;) {
      let next = Math.min(at + piece, end);
      while (next < end && (bytes[next]! & 0xc0) === 0x80) next--;
      const part = bytes.subarray(at, next) as Buffer;
      text += part.toString(isAscii(part) ? "latin1" : "utf8");
      to.spend(0, next - at);
      at = next;
    }
    return text;
  }
}

/** Strings of any encoding into any other. */
export const stringCodec: Codec = {
  flat: flatPrimitive("string"),
  lift: (from, values) => text(from, values.number() >>> 0, values.number() >>> 0),
  load: (from, at) => text(from, from.memory.view.getUint32(at, true), from.memory.view.getUint32(at + 4, true)),
  lower(to, value, into) {
    into.push(...put(to, value as string | Utf8));
  },
  store(to, value, at) {
    const [pointer, length] = put(to, value as string | Utf8);
    to.memory.view.setUint32(at, pointer, true);
    to.memory.view.setUint32(at + 4, length, true);
  },
};

function text(from: End, pointer: number, length: number): string | Utf8 {
  const tagged = from.encoding === "latin1+utf16" && length >= utf16Tag;
  if (from.encoding === "utf16" || tagged) return utf16(from, pointer, tagged ? length - utf16Tag : length);
  const two = from.encoding === "latin1+utf16";
  const bytes = content(from, pointer, length, two ? 2 : 1);
  if (two) return bytes.toString("latin1");
  if (!isUtf8(bytes)) throw from.trap("a string is not UTF-8");
  return new Utf8(from, pointer >>> 0, length);
}

function utf16(from: End, pointer: number, units: number): string {
  const found = content(from, pointer, units * 2, 2).toString("utf16le");
  if (!found.isWellFormed()) throw from.trap("a string is not UTF-16");
  return found;
}

function content(from: End, pointer: number, size: number, align: 1 | 2): Buffer {
  if (size > longest) throw from.trap(`a string of ${size} bytes`);
  from.spend(1, size);
  const at = from.memory.from(pointer, size, align);
  return from.memory.bytes.subarray(at, at + size) as Buffer;
}

function put(to: End, given: string | Utf8): [pointer: number, length: number] {
  if (given instanceof Utf8 && to.encoding === "utf8") {
    const { from, at, size } = given;
    to.spend(1, size);
    const pointer = to.memory.allocate(size, 1);
    to.copy(from, at, pointer, size);
    return [pointer, size];
  }
  const value = typeof given === "string" ? given : given.text(to);
  if (to.encoding === "utf8") {
    const size = Buffer.byteLength(value);
    return [write(to, value, "utf8", size, 1), size];
  }
  // oxlint-disable-next-line no-control-regex -- all that one byte holds
  if (to.encoding === "latin1+utf16" && /^[\x00-\xff]*$/.test(value)) {
    return [write(to, value, "latin1", value.length, 2), value.length];
  }
  const tag = to.encoding === "utf16" ? 0 : utf16Tag;
  return [write(to, value, "utf16le", value.length * 2, 2), value.length + tag];
}

function write(to: End, value: string, encoding: "utf8" | "latin1" | "utf16le", size: number, align: 1 | 2): number {
  // Also for an empty one: some languages keep something before what they allocated, and look for it there.
  to.spend(1, size);
  const pointer = to.memory.allocate(size, align);
  to.memory.bytes.write(value, pointer, encoding);
  return pointer;
}
