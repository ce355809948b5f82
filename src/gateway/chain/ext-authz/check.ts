import { token } from "../../../foundation/http/field-syntax.ts";
import type { HttpRequest, RawHeaders } from "../../../foundation/http/index.ts";
import { all, decode, encode, integer, message, text, type Field, type Fields } from "./protobuf.ts";

/** `envoy.service.auth.v3.CheckRequest` and `CheckResponse`: what is asked, and what is answered. */

export const checkMethod = "/envoy.service.auth.v3.Authorization/Check";

export interface Asking {
  id: string;
  remoteAddress: string;
  /** That the client connected to. */
  port: number;
  protocol: string;
}

/** @param body what it is shown of it; undefined: nothing. @param shown names in lower case; undefined: all. */
export function encodeCheck(
  { method, scheme, authority, target, headers, body: whole }: HttpRequest,
  { id, remoteAddress, port, protocol }: Asking,
  body: Uint8Array | undefined,
  shown: ReadonlySet<string> | undefined,
): Buffer {
  const address = (host: string, number?: number): Field[] => [
    [1, [[1, [[2, host], ...(number === undefined ? [] : [[3, number] as Field])]]]],
  ];
  const now = Date.now();
  const size = body === undefined ? (whole === undefined ? 0 : -1) : body.length;
  const http: Field[] = [
    [1, id],
    [2, method],
    ...[
      ...headersOf(headers, shown),
      [":authority", authority],
      [":method", method],
      [":path", target],
      [":scheme", scheme],
    ].map(([name, value]): Field => [
      3,
      [
        [1, name],
        [2, value],
      ],
    ]),
    [4, target],
    [5, authority],
    [6, scheme],
    ...(size >= 0 ? [[9, size] as Field] : []),
    [10, protocol],
    ...(body === undefined ? [] : [isText(body) ? ([11, body] as Field) : ([12, body] as Field)]),
  ];
  const time: Field[] = [
    [1, Math.floor(now / 1000)],
    [2, (now % 1000) * 1_000_000],
  ];
  return encode([
    [
      1,
      [
        [1, address(remoteAddress)],
        [2, address("", port)],
        [
          4,
          [
            [1, time],
            [2, http],
          ],
        ],
      ],
    ],
  ]);
}

/** Lines of one name are joined by commas, as Envoy does it. A header is bytes: they are shown as UTF-8, since a text has to be. */
function headersOf(headers: RawHeaders, shown: ReadonlySet<string> | undefined): [string, string][] {
  const found = new Map<string, string>();
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] as string).toLowerCase();
    if (shown?.has(name) === false) continue;
    const value = Buffer.from(headers[index + 1] as string, "latin1").toString("utf8");
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before},${value}`);
  }
  return [...found];
}

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** What becomes of a header that is there already. */
type How = "append" | "set" | "add" | "replace";

export interface HeaderChange {
  name: string;
  value: string;
  how: How;
}

export type Verdict =
  | {
      allowed: true;
      headers: HeaderChange[];
      remove: string[];
      answer: HeaderChange[];
      query: { name: string; value: string }[];
      removeQuery: string[];
    }
  | { allowed: false; status: number; headers: HeaderChange[]; body: Uint8Array };

// oxlint-disable-next-line no-control-regex -- control characters are what must not be in a value
const forbidden = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** Throws `RangeError` for what is no answer, or would be no message of HTTP. */
export function decodeVerdict(bytes: Uint8Array): Verdict {
  const response = decode(bytes);
  const status = message(response, 1);
  // To Envoy an answer of nothing is a yes; here it has to say so with one of both.
  if (status === undefined ? !response.has(3) : integer(status, 1) !== 0) {
    const denied = message(response, 2) ?? new Map();
    const code = integer(message(denied, 1) ?? new Map(), 1) || 403;
    if (code < 200 || code > 599) throw new RangeError(`a status of ${code}`);
    return {
      allowed: false,
      status: code,
      headers: changes(denied, 2),
      body: all(denied, 3).at(-1) ?? new Uint8Array(),
    };
  }
  const ok = message(response, 3) ?? new Map();
  return {
    allowed: true,
    headers: changes(ok, 2),
    remove: texts(ok, 5).map((name) => name.toLowerCase()),
    answer: changes(ok, 6),
    query: all(ok, 7).map((pair) => {
      const fields = decode(pair);
      return { name: text(fields, 1), value: text(fields, 2) };
    }),
    removeQuery: texts(ok, 8),
  };
}

function texts(fields: Fields, number: number): string[] {
  return all(fields, number).map((bytes) => Buffer.from(bytes).toString("utf8"));
}

/** `HeaderValueOption`s. Pseudo-headers are nobody's to change. */
function changes(fields: Fields, number: number): HeaderChange[] {
  return all(fields, number).flatMap((bytes) => {
    const option = decode(bytes);
    const header = message(option, 1) ?? new Map();
    const name = text(header, 1).toLowerCase();
    if (name.startsWith(":")) return [];
    const raw = all(header, 3).at(-1) ?? all(header, 2).at(-1) ?? new Uint8Array();
    const value = Buffer.from(raw).toString("latin1").trim();
    if (!token.test(name) || forbidden.test(value)) throw new RangeError("a header that is none");
    return [{ name, value, how: howOf(option) }];
  });
}

/** `append`, where it is said, is the older word; without both a header is set, as this protocol has always had it. */
function howOf(option: Fields): How {
  const append = message(option, 2);
  if (append !== undefined) return integer(append, 1) === 1 ? "append" : "set";
  if (!option.has(3)) return "set";
  return (["append", "add", "set", "replace"] as const)[integer(option, 3)] ?? "set";
}
