import type { RawHeaders } from "../../foundation/http/index.ts";
import { kindOf } from "./known-names.ts";
import { Malformed } from "./malformed.ts";

/** More than any head may have: both sides allow fewer. */
const most = 1024;

/** Bytes of names (`token`, RFC 9110, section 5.6.2). Values have no control characters but the tab. */
const inName = table((code) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)));

/**
 * Finds the field lines of a head (RFC 9112, section 5) in one pass over its bytes, strictly: no obs-fold, no blank before the
 * colon, no control characters, CRLF exactly. What was found stays until the next scan of the thread.
 */
export class FieldScan {
  /** Lines of the last scan that came to its end. */
  count = 0;
  /** Where the first line begins, and behind the empty line that ended them. */
  begin = 0;
  end = 0;
  /** The kinds of all names, one bit each. */
  seen = 0;
  /** Changes with every scan: what was found stands until then. */
  turn = 0;
  /** Begin and end of each name and value. */
  readonly #at = new Int32Array(4 * most);
  readonly #kinds = new Uint8Array(most);

  /**
   * @param length of the bytes that came. @param from where the first line begins. @param limit of lines.
   * @returns false: the end has not come. Throws `Malformed`; `TooManyFields` beyond the limit.
   */
  scan(bytes: Uint8Array, length: number, from: number, limit: number): boolean {
    const at = this.#at;
    const kinds = this.#kinds;
    let index = from;
    let seen = 0;
    this.turn++;
    this.begin = from;
    for (let count = 0; ; count++) {
      if (index >= length) return false;
      if (bytes[index] === 0x0d) {
        if (index + 1 >= length) return false;
        if (bytes[index + 1] !== 0x0a) throw noName(count);
        this.count = count;
        this.end = index + 2;
        this.seen = seen;
        return true;
      }
      if (count >= limit || count >= most) throw new TooManyFields(limit);
      const name = index;
      while (index < length && inName[bytes[index] as number] === 1) index++;
      if (index >= length) return false;
      if (index === name || bytes[index] !== 0x3a) throw noName(count);
      const kind = kindOf(bytes, name, index);
      kinds[count] = kind;
      seen |= 1 << kind;
      at[count * 4] = name;
      at[count * 4 + 1] = index++;
      while (index < length && isBlank(bytes[index] as number)) index++;
      const value = index;
      for (; index < length; index++) {
        const byte = bytes[index] as number;
        if (byte < 0x20 ? byte !== 0x09 : byte === 0x7f) break;
      }
      if (index + 1 >= length && (index >= length || bytes[index] === 0x0d)) return false;
      if (bytes[index] !== 0x0d || bytes[index + 1] !== 0x0a) throw noValue(count);
      let end = index;
      while (end > value && isBlank(bytes[end - 1] as number)) end--;
      at[count * 4 + 2] = value;
      at[count * 4 + 3] = end;
      index += 2;
    }
  }

  kindAt(line: number): number {
    return this.#kinds[line] as number;
  }

  /** Where a line begins; of the one behind the last, where they end. */
  lineAt(line: number): number {
    return line === this.count ? this.end - 2 : (this.#at[line * 4] as number);
  }

  /** Where the name of a line ends; it begins where the line does. */
  nameEnd(line: number): number {
    return this.#at[line * 4 + 1] as number;
  }

  valueAt(line: number): number {
    return this.#at[line * 4 + 2] as number;
  }

  valueEnd(line: number): number {
    return this.#at[line * 4 + 3] as number;
  }

  /** The fields of the last scan but those of these kinds. @param text the same bytes in latin1. */
  fields(text: string, without = 0): RawHeaders {
    const at = this.#at;
    const fields: RawHeaders = [];
    for (let line = 0; line < this.count; line++) {
      if (((without >> (this.#kinds[line] as number)) & 1) === 1) continue;
      const index = line * 4;
      fields.push(text.slice(at[index], at[index + 1]), text.slice(at[index + 2], at[index + 3]));
    }
    return fields;
  }
}

/** Beyond a limit, which is not the same error on both sides. */
export class TooManyFields extends Malformed {
  constructor(limit: number) {
    super(`it has more than ${limit} headers`);
  }
}

function noName(count: number): Malformed {
  return new Malformed(`header line ${count + 1} has no valid name`);
}

function noValue(count: number): Malformed {
  return new Malformed(`header line ${count + 1} has a control character`);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** 1 for each of 256 bytes that is one of these. */
export function table(holds: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (holds(code) ? 1 : 0));
}
