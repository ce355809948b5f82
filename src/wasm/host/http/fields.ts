import type { RawHeaders } from "../../../foundation/http/index.ts";
import { Resource } from "../handles.ts";

/** Why a header cannot be set; the case of `header-error`. */
export type HeaderError = "invalid-syntax" | "forbidden" | "immutable";

/** The cases of `header-error`, in order. */
export const headerErrors: readonly HeaderError[] = ["invalid-syntax", "forbidden", "immutable"];

/** Headers that belong to a connection, or that the host makes from other parts of a message. */
const forbidden = new Set([
  "connection",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);
const forbiddenLengths = new Set([...forbidden].map((name) => name.length));

/** RFC 9110, section 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110, section 5.5, with bytes above ASCII as one unit each. No line end can get through. */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Names that were tokens: looking one up costs less than reading it again. */
const tokens = new Set<string>();
const mostTokens = 512;

export function isToken(text: string): boolean {
  if (tokens.has(text)) return true;
  if (!token.test(text)) return false;
  if (tokens.size < mostTokens && text.length <= 64) tokens.add(text);
  return true;
}

export function isFieldValue(text: string): boolean {
  return fieldValue.test(text);
}

/** `wasi:http/types` fields. Names keep the case in which they came first and compare without it; values have one unit a byte. */
export class Fields extends Resource {
  readonly kind = "fields";
  readonly list: RawHeaders;
  readonly #mutable: boolean;

  constructor(list: RawHeaders, mutable: boolean) {
    super();
    this.list = list;
    this.#mutable = mutable;
  }

  /** The place of the first entry of a name from `from` on, or -1. */
  find(name: string, from = 0): number {
    const { list } = this;
    const { length } = name;
    let lower: string | undefined;
    for (let i = from; i < list.length; i += 2) {
      const found = list[i]!;
      if (found === name) return i;
      if (found.length === length && found.toLowerCase() === (lower ??= name.toLowerCase())) return i;
    }
    return -1;
  }

  override get keepsState(): boolean {
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
    this.list.push(before < 0 ? name : this.list[before]!, value);
    return undefined;
  }

  set(name: string, values: readonly string[]): HeaderError | undefined {
    const error = this.#check(name) ?? (values.every(isFieldValue) ? undefined : "invalid-syntax");
    if (error !== undefined) return error;
    this.#remove(name);
    for (const value of values) this.list.push(name, value);
    return undefined;
  }

  delete(name: string): HeaderError | undefined {
    const error = this.#check(name);
    if (error === undefined) this.#remove(name);
    return error;
  }

  /** The same, now part of a message. */
  frozen(): Fields {
    return new Fields(this.list, false);
  }

  clone(): Fields {
    return new Fields([...this.list], true);
  }

  #check(name: string): HeaderError | undefined {
    if (!this.#mutable) return "immutable";
    if (!isToken(name)) return "invalid-syntax";
    return forbiddenLengths.has(name.length) && forbidden.has(name.toLowerCase()) ? "forbidden" : undefined;
  }

  #remove(name: string): void {
    for (let i = this.find(name); i >= 0; i = this.find(name, i)) this.list.splice(i, 2);
  }
}

/** The length that headers declare; undefined where there is none, "invalid" where it is not one number. */
export function declaredLength({ list }: Fields): number | undefined | "invalid" {
  let found: number | undefined;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i]!;
    if (name.length !== 14 || name.toLowerCase() !== "content-length") continue;
    const value = list[i + 1]!;
    if (!/^\d{1,15}$/.test(value) || (found !== undefined && found !== Number(value))) return "invalid";
    found = Number(value);
  }
  return found;
}
