import type { RawHeaders } from "../../foundation/http/index.ts";
import { Malformed } from "./malformed.ts";

/** More than any head may have: both sides allow fewer. */
const most = 1024;

/** Bytes of names (`token`, RFC 9110, section 5.6.2) and of values: no control characters but the tab. */
const inName = table((code) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)));
const inValue = table((code) => code === 0x09 || (code >= 0x20 && code !== 0x7f));

/**
 * Finds the field lines of a head (RFC 9112, section 5) in one pass over its bytes, strictly: no obs-fold, no blank before the
 * colon, no control characters, CRLF exactly. What was found stays until the next scan of the thread.
 */
export class FieldScan {
  /** Lines of the last scan that came to its end. */
  count = 0;
  /** Behind the empty line that ended it. */
  end = 0;
  /** Begin and end of each name and value. */
  readonly #at = new Int32Array(4 * most);

  /**
   * @param length of the bytes that came. @param from where the first line begins. @param limit of lines.
   * @returns false: the end has not come. Throws `Malformed`; `TooManyFields` beyond the limit.
   */
  scan(bytes: Uint8Array, length: number, from: number, limit: number): boolean {
    const at = this.#at;
    let index = from;
    for (let count = 0; ; count++) {
      if (index >= length) return false;
      if (bytes[index] === 0x0d) {
        if (index + 1 >= length) return false;
        if (bytes[index + 1] !== 0x0a) throw noName(count);
        this.count = count;
        this.end = index + 2;
        return true;
      }
      if (count >= limit || count >= most) throw new TooManyFields(limit);
      const name = index;
      while (index < length && inName[bytes[index] as number] === 1) index++;
      if (index >= length) return false;
      if (index === name || bytes[index] !== 0x3a) throw noName(count);
      at[count * 4] = name;
      at[count * 4 + 1] = index++;
      while (index < length && isBlank(bytes[index] as number)) index++;
      const value = index;
      while (index < length && inValue[bytes[index] as number] === 1) index++;
      if (index + 1 >= length && (index >= length || bytes[index] === 0x0d)) return false;
      if (bytes[index] !== 0x0d || bytes[index + 1] !== 0x0a) throw noValue(count);
      let end = index;
      while (end > value && isBlank(bytes[end - 1] as number)) end--;
      at[count * 4 + 2] = value;
      at[count * 4 + 3] = end;
      index += 2;
    }
  }

  /** Where each line of the last scan begins, and where they end. */
  lineBegins(): number[] {
    const begins: number[] = [];
    for (let index = 0; index < this.count; index++) begins.push(this.#at[index * 4] as number);
    begins.push(this.end - 2);
    return begins;
  }

  /** The fields of the last scan. @param text the same bytes in latin1. */
  fields(text: string): RawHeaders {
    const at = this.#at;
    const fields: RawHeaders = [];
    const end = this.count * 4;
    for (let index = 0; index < end; index += 4) {
      fields.push(text.slice(at[index], at[index + 1]), text.slice(at[index + 2], at[index + 3]));
    }
    return fields;
  }
}

/** Fields as they were read: what of them goes on can be cut out of the text. */
export interface ReadFields {
  of: RawHeaders;
  text: string;
  /** Where each line begins in the text, and where they end. */
  begins: number[];
}

/** Cuts lines out of a head: asked for each in turn, it puts those that stand together into one piece. */
export class LineCut {
  readonly #text: string;
  readonly #begins: number[];
  #kept = "";
  /** Where the lines begin that are kept together; -1: nowhere. */
  #from = -1;

  constructor({ text, begins }: ReadFields) {
    this.#text = text;
    this.#begins = begins;
  }

  keep(line: number): void {
    if (this.#from === -1) this.#from = this.#begins[line] as number;
  }

  drop(line: number): void {
    if (this.#from === -1) return;
    this.#kept += this.#text.slice(this.#from, this.#begins[line]);
    this.#from = -1;
  }

  /** What was kept, after all lines. */
  end(): string {
    this.drop(this.#begins.length - 1);
    return this.#kept;
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
