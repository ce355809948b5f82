import { BandstandError } from "../../../foundation/errors/index.ts";
import { FieldScan, table, TooManyFields } from "../../http1/field-lines.ts";
import { lengthIn } from "../../http1/fields.ts";
import { HeadLines, type Lent } from "../../http1/head-lines.ts";
import { kinds, maskOf } from "../../http1/known-names.ts";
import { Malformed } from "../../http1/malformed.ts";
import { isSame, isText } from "../../http1/words.ts";

/** How the body of a request is delimited (RFC 9112, section 6.3). A request has none unless it says so. */
export type RequestFraming = { type: "none" } | { type: "length"; length: number } | { type: "chunked" };

export interface RequestHead {
  method: string;
  /** Origin form, or `*`. */
  target: string;
  authority: string;
  /** All headers as they came. */
  lines: HeadLines;
  /** The request line is as we would write it, and Host is there. */
  plain: boolean;
  /** Connection names other headers that end at this hop. */
  lists: boolean;
  framing: RequestFraming;
  /** The client may send another request on this connection. */
  keepAlive: boolean;
  /** HTTP/1.0 knows no chunked framing. */
  old: boolean;
  /** The client asks for WebSocket instead of HTTP after this request. */
  upgrade: "websocket" | undefined;
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean;
}

const absoluteForm = /^https?:\/\/([^/?]*)(.*)$/i;
/** A port is digits, or nothing (RFC 3986, section 3.2.3), and no more than a connection can have. */
const port = /[0-5]?\d{0,4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5]/;
const hostForm = new RegExp(`^(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\\[[0-9A-Fa-f:.]+\\])(?::(?:${port.source}))?$`);
const inMethod = table((code) => /[A-Z-]/.test(String.fromCharCode(code)));
// Visible ASCII without fragment.
const inTarget = table((code) => code > 0x20 && code < 0x7f && code !== 0x23);
const longestMethod = 32;
const version = Buffer.from(" HTTP/1.");
const scan = new FieldScan();

/**
 * Reads a request's head, strictly: every variant that this gateway and a backend could read differently is refused with
 * `Malformed` (400 and the connection closed), as soon as it shows. Throws `headers-too-large`.
 * @param bytes from the request line on. @param length of them that came. @param lent where they are lent.
 * @returns undefined: the end of the head has not come.
 */
export function readRequestHead(
  bytes: Buffer,
  length: number,
  maximumHeaders: number,
  lent: Lent | undefined,
): RequestHead | undefined {
  let at = 0;
  while (at < length && inMethod[bytes[at] as number] === 1) at++;
  const blank = at;
  if (at > longestMethod || (at < length && (bytes[at] !== 0x20 || bytes[0] === 0x2d || at === 0)))
    throw noRequestLine();
  at++;
  while (at < length && inTarget[bytes[at] as number] === 1) at++;
  const fields = at + version.length + 3;
  if (at < length && (at === blank + 1 || bytes[at] !== 0x20)) throw noRequestLine();
  for (let index = 0; index < version.length && at + index < length; index++) {
    if (bytes[at + index] !== version[index]) throw noRequestLine();
  }
  const minor = bytes[fields - 3] as number;
  if (fields - 3 < length && minor !== 0x30 && minor !== 0x31) throw noRequestLine();
  if (fields - 2 < length && bytes[fields - 2] !== 0x0d) throw noRequestLine();
  if (fields > length) return undefined;
  if (bytes[fields - 1] !== 0x0a) throw noRequestLine();
  try {
    if (!scan.scan(bytes, length, fields, maximumHeaders)) return undefined;
  } catch (error) {
    if (!(error instanceof TooManyFields)) throw error;
    throw new BandstandError("headers-too-large", `the request has more than ${maximumHeaders} headers`);
  }
  const lines = new HeadLines(scan, bytes, lent);
  const method = methodIn(bytes, blank);
  refuseMethod(method);
  // All of it at once: a request may have to be sent again when its bytes are gone.
  return understand(method, lines.text.slice(blank + 1, at), lines, bytes, minor === 0x30);
}

function noRequestLine(): Malformed {
  return new Malformed("the request line is not METHOD, target and HTTP/1.1");
}

/** The usual ones are there already: comparing them is comparing pointers. */
function methodIn(bytes: Buffer, end: number): string {
  if (isText(bytes, 0, end, "GET")) return "GET";
  if (isText(bytes, 0, end, "POST")) return "POST";
  return bytes.toString("latin1", 0, end);
}

/** Names that say something about the request itself. */
const telling = maskOf(
  ...(["host", "expect", "upgrade", "connection", "contentLength", "transferEncoding", "disguised"] as const),
);

/** What a request's line and fields mean. */
function understand(method: string, raw: string, lines: HeadLines, bytes: Buffer, old: boolean): RequestHead {
  const { seen } = lines;
  let host: string | undefined;
  let length: number | undefined;
  let chunked = false;
  let keepAlive = !old;
  let lists = false;
  let expectsContinue = false;
  let wantsUpgrade = false;
  let websocket = false;
  for (let line = 0; (seen & telling) !== 0 && line < scan.count; line++) {
    const kind = scan.kindAt(line);
    if (((telling >> kind) & 1) === 0) continue;
    const from = scan.valueAt(line);
    const to = scan.valueEnd(line);
    if (kind === kinds.host) {
      if (host !== undefined) throw new Malformed("there are two Host headers");
      host = hostIn(bytes, from, to);
      continue;
    }
    if (kind === kinds.connection && isText(bytes, from, to, "keep-alive")) {
      keepAlive = true;
      continue;
    }
    if (kind === kinds.contentLength) {
      if (length !== undefined) throw new Malformed("there are two content-lengths");
      length = lengthIn(bytes, from, to);
      continue;
    }
    const value = bytes.toString("latin1", from, to);
    switch (kind) {
      case kinds.expect:
        if (value.toLowerCase() !== "100-continue") throw new Malformed("Expect is not 100-continue");
        expectsContinue = !old;
        break;
      case kinds.upgrade:
        // Other protocols, HTTP/2 in clear text first of all, would carry requests that nobody here looks at.
        websocket = value.toLowerCase() === "websocket";
        break;
      case kinds.connection:
        keepAlive = connectionGoesOn(value, keepAlive);
        wantsUpgrade ||= /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i.test(value);
        lists ||= value.toLowerCase() !== "close" && value.toLowerCase() !== "keep-alive";
        break;
      case kinds.transferEncoding:
        if (chunked || old || value.toLowerCase() !== "chunked")
          throw new Malformed("transfer-encoding is not `chunked` once");
        chunked = true;
        break;
      default:
        throw disguised(bytes.toString("latin1", scan.lineAt(line), from));
    }
  }
  if (chunked && length !== undefined) throw new Malformed("there are both transfer-encoding and content-length");
  const framing: RequestFraming = chunked
    ? { type: "chunked" }
    : length === undefined
      ? noBody
      : { type: "length", length };
  const { target, authority } = resolveTarget(method, raw, host, old);
  const plain = !old && target === raw && host !== undefined;
  const upgrades = wantsUpgrade && websocket && method === "GET" && !old && framing.type === "none";
  const upgrade = upgrades ? "websocket" : undefined;
  return { method, target, authority, lines, plain, lists, framing, keepAlive, old, upgrade, expectsContinue };
}

function disguised(line: string): Malformed {
  return new Malformed(`${line.slice(0, line.indexOf(":"))} could be read as content-length or transfer-encoding`);
}

const noBody: RequestFraming = { type: "none" };

/** Throws `Malformed` for a name that servers which read `_` as `-` take for this one. */
export function isFraming(name: string, wanted: "content-length" | "transfer-encoding"): boolean {
  const lower = name.toLowerCase();
  if (lower === wanted) return true;
  if (lower.replaceAll(/[^a-z]/g, "-") === wanted) throw new Malformed(`${name} could be read as ${wanted}`);
  return false;
}

/**
 * CONNECT would make us a way to other hosts, and TRACE sends credentials back that scripts must not read
 * (RFC 9110, sections 9.3.6 and 9.3.8). Throws `method-refused`.
 */
export function refuseMethod(method: string): void {
  if (method === "CONNECT" || method === "TRACE")
    throw new BandstandError("method-refused", `the method ${method} is not served here`);
}

/**
 * Origin form, absolute form, or `*` of OPTIONS (RFC 9112, section 3.2). An absolute target says itself who is asked: Host must be
 * there and be one, and is not looked at further (3.2.2). What goes on to a backend is a path and one Host, the target's.
 */
function resolveTarget(
  method: string,
  raw: string,
  host: string | undefined,
  old: boolean,
): { target: string; authority: string } {
  if (host === undefined && !old) throw new Malformed("there is no Host header");
  const given = host ?? "localhost";
  if (!isAuthority(given)) throw new Malformed("Host is no valid authority");
  // The very string of the last request, where it is the same: then all who compare it compare pointers.
  const authority = lastAuthority ?? given;
  if (raw.startsWith("/")) return { target: raw, authority };
  if (raw === "*" && method === "OPTIONS") return { target: raw, authority };
  const absolute = absoluteForm.exec(raw);
  if (absolute === null) throw new Malformed("the target is neither a path nor an absolute URL");
  const [, named, path] = absolute as unknown as [string, string, string];
  if (!isAuthority(named)) throw new Malformed("the target has no valid authority");
  return { target: path.startsWith("/") ? path : `/${path}`, authority: lastAuthority ?? named };
}

/** `host`, `host:port`, `[::1]:port`: nothing with a user, a path or a blank, and no port that none is. */
export function isAuthority(text: string): boolean {
  if (text === lastAuthority) return true;
  if (!hostForm.test(text)) return false;
  // A string of its own: a part of a head would keep all of it, and whatever stands in it.
  lastBytes = Buffer.from(text, "latin1");
  lastAuthority = lastBytes.toString("latin1");
  return true;
}

/** One connection after the other asks for the same. */
let lastAuthority: string | undefined;
let lastBytes = Buffer.alloc(0);

/** The very string of the last request, where it is the same. */
function hostIn(bytes: Buffer, from: number, to: number): string {
  const last = lastAuthority;
  return last !== undefined && isSame(bytes, from, to, lastBytes) ? last : bytes.toString("latin1", from, to);
}

function connectionGoesOn(value: string, before: boolean): boolean {
  const tokens = value.toLowerCase();
  if (tokens.includes("close")) return false;
  return before || tokens.includes("keep-alive");
}
