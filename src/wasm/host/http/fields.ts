import { token } from "../../../foundation/http/field-syntax.ts";
import type { Headed, RawHeaders } from "../../../foundation/http/index.ts";
import type { Holdable } from "../handles.ts";

/** Why a header cannot be set; the case of `header-error`. */
export type HeaderError = "invalid-syntax" | "forbidden" | "immutable";

/** The cases of `header-error`, in order. */
export const headerErrors: readonly HeaderError[] = ["invalid-syntax", "forbidden", "immutable"];

/**
 * Headers that belong to a connection, or that the host makes from other parts of a message. Not TE: clients of gRPC send it, and
 * browsers do by HTTP/2, so that guests get it, and who copies what was received must be able to. On the way out it is left out.
 */
const forbidden = new Set([
  "connection",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);
const forbiddenLengths: boolean[] = [];
for (const { length } of forbidden) forbiddenLengths[length] = true;

/** RFC 9110, section 5.5, with bytes above ASCII as one unit each. No line end can get through. */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Names that were tokens, each in the place that its length and first unit say: guests use the same few again and again. */
const tokens = Array.from({ length: 256 }, () => "");

export function isToken(text: string): boolean {
  const { length } = text;
  if (length === 0) return false;
  const place = (text.charCodeAt(0) * 31 + length) & 255;
  if (tokens[place] === text) return true;
  if (!token.test(text)) return false;
  if (length <= 64) tokens[place] = text;
  return true;
}

/** Alike but for the case of ASCII letters. */
function isSameName(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  if (one === other) return true;
  for (let i = 0; i < one.length; i++) {
    const a = one.charCodeAt(i);
    const b = other.charCodeAt(i);
    if (a !== b && ((a ^ b) !== 0x20 || !isLetter(a))) return false;
  }
  return true;
}

function isLetter(unit: number): boolean {
  return (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a;
}

/** What says how long a body is: as long as this, a number is exact. RFC 9110, section 8.6. */
const lengthForm = /^\d{1,15}$/;

function isLengthName(name: string): boolean {
  return name.length === 14 && name.toLowerCase() === "content-length";
}

/** One number, however often it is said: what a body of two lengths is cannot be sent. */
function isLength(values: readonly string[]): boolean {
  return values.every((value) => lengthForm.test(value) && Number(value) === Number(values[0]));
}

/** Values that were found valid, as `tokens`. */
const values = Array.from({ length: 256 }, () => "");

/** Beyond this, a regular expression is quicker than looking at every unit. */
const shortValue = 32;

export function isFieldValue(text: string): boolean {
  const { length } = text;
  if (length > shortValue) return fieldValue.test(text);
  if (length === 0) return true;
  const place = (text.charCodeAt(0) * 31 + length) & 255;
  if (values[place] === text) return true;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 ? unit !== 9 : unit === 0x7f || unit > 0xff) return fieldValue.test(text);
  }
  values[place] = text;
  return true;
}

/** Bytes of a place in a list of headers. */
const listedText = 8;
/** Bytes that a line of headers takes besides its units. */
export const perLine = 64;

/** `wasi:http/types` fields. Names keep the case in which they came first and compare without it; values have one unit a byte. */
export class Fields implements Holdable {
  readonly kind = "fields";
  /** Undefined: nobody asked for those of its message. */
  #list: RawHeaders | undefined;
  /** The message that they came with, as long as they are the same. */
  #of: Headed | undefined;
  #mutable: boolean;
  /** Others have the same list: it is copied before it changes. */
  #shared: boolean;
  #isReceived = false;

  constructor(list: RawHeaders | undefined, mutable: boolean, shared = false, of?: Headed) {
    this.#list = list;
    this.#of = of;
    this.#mutable = mutable;
    this.#shared = shared;
  }

  /** Those of a message that came over the network, or from another stage: nobody may change them. */
  static received(message: Headed): Fields {
    const fields = new Fields(undefined, false, true, message);
    fields.#isReceived = true;
    return fields;
  }

  /** What it holds now; nobody else may change it. */
  get list(): RawHeaders {
    return (this.#list ??= this.#of!.headers);
  }

  /** The message that they came with; undefined: they were changed since, or made by a guest. */
  get unchanged(): Headed | undefined {
    return this.#of;
  }

  /**
   * The same as a guest sees them who asks for all: what was received has its names in lower case, as HTTP/2 has them and as other
   * hosts give them, since guests compare them so, and not every client writes them so.
   */
  get entries(): RawHeaders {
    return this.#isReceived ? this.list.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text)) : this.list;
  }

  /** The same, to look at. */
  view(): Fields {
    const fields = new Fields(this.#list, false, true, this.#of);
    fields.#isReceived = this.#isReceived;
    return fields;
  }

  /** The place of the first entry of a name from `from` on, or -1. */
  find(name: string, from = 0): number {
    const { list } = this;
    for (let i = from; i < list.length; i += 2) if (isSameName(list[i]!, name)) return i;
    return -1;
  }

  get keepsState(): boolean {
    return this.#mutable;
  }

  values(name: string): string[] {
    const found: string[] = [];
    for (let i = this.find(name); i >= 0; i = this.find(name, i + 2)) found.push(this.list[i + 1]!);
    return found;
  }

  append(name: string, value: string): HeaderError | undefined {
    const error = this.#check(name) ?? (isFieldValue(value) ? undefined : "invalid-syntax");
    if (error !== undefined) return error;
    const before = this.find(name);
    if (isLengthName(name) && !isLength(before < 0 ? [value] : [this.list[before + 1]!, value]))
      return "invalid-syntax";
    const list = this.#own();
    list.push(before < 0 ? name : list[before]!, value);
    return undefined;
  }

  set(name: string, values: readonly string[]): HeaderError | undefined {
    const error = this.#check(name);
    if (error !== undefined) return error;
    for (let i = 0; i < values.length; i++) if (!isFieldValue(values[i]!)) return "invalid-syntax";
    if (isLengthName(name) && !isLength(values)) return "invalid-syntax";
    const list = this.#without(name);
    for (let i = 0; i < values.length; i++) list.push(name, values[i]!);
    this.#become(list);
    return undefined;
  }

  delete(name: string): HeaderError | undefined {
    const error = this.#check(name);
    if (error === undefined && this.find(name) >= 0) this.#become(this.#without(name));
    return error;
  }

  /** The same, now part of a message; the guest has no handle of it any more. */
  frozen(): this {
    this.#mutable = false;
    return this;
  }

  /** Bytes of the copy of its list that is made where that changes now: others go on having it as it was. */
  get copyBytes(): number {
    return this.#shared ? this.list.length * listedText : 0;
  }

  /** One that may be changed. */
  clone(): Fields {
    this.#shared = true;
    return new Fields(this.#list, true, true, this.#of);
  }

  /** The list, as its own. */
  #own(): RawHeaders {
    const { list } = this;
    this.#of = undefined;
    if (!this.#shared) return list;
    this.#shared = false;
    return (this.#list = list.slice());
  }

  #check(name: string): HeaderError | undefined {
    if (!this.#mutable) return "immutable";
    if (!isToken(name)) return "invalid-syntax";
    return forbiddenLengths[name.length] === true && forbidden.has(name.toLowerCase()) ? "forbidden" : undefined;
  }

  /** A list of its own, without what has this name. */
  #without(name: string): RawHeaders {
    const { list } = this;
    const kept: RawHeaders = [];
    for (let i = 0; i < list.length; i += 2) if (!isSameName(list[i]!, name)) kept.push(list[i]!, list[i + 1]!);
    return kept;
  }

  #become(list: RawHeaders): void {
    this.#of = undefined;
    this.#list = list;
    this.#shared = false;
  }
}

/** The length that headers declare; undefined where there is none, "invalid" where it is not one number. */
export function declaredLength({ list }: Fields): number | undefined | "invalid" {
  let found: number | undefined;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i]!;
    if (!isLengthName(name)) continue;
    const value = list[i + 1]!;
    if (!lengthForm.test(value) || (found !== undefined && found !== Number(value))) return "invalid";
    found = Number(value);
  }
  return found;
}
