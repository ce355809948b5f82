import { lineEnds } from "../../../foundation/http/field-syntax.ts";
import { STATUS_CODES } from "node:http";
import { performance } from "node:perf_hooks";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type HttpResponse, type RawHeaders } from "../../../foundation/http/index.ts";
import { ReadResponse } from "../../http1/read-response.ts";
import { draft } from "../../wire/draft.ts";
import { dateBytes, dateLine } from "./date.ts";
import { KnownHeads } from "./known-heads.ts";

/** How a response goes out on the wire. */
export type ResponseFraming = "none" | "whole" | "length" | "chunked" | "close";

/**
 * The head of a response in latin1, with date and framing made here; what the message itself says about
 * framing is left out, but for HEAD and 304, which tell of a body that does not come.
 */
export function writeResponseHead(
  response: HttpResponse,
  request: { method: string; old: boolean },
  close: boolean,
): { text: string; framing: ResponseFraming } {
  const { status, body } = response;
  if (status < 200) throw new BandstandError("internal", `${status} is no final status`);
  const bodiless = request.method === "HEAD" || status === 204 || status === 304;
  const keepsLength = request.method === "HEAD" || status === 304;
  const framing = bodiless ? "none" : framingOf(response, request.old);
  let head = firstLine(status);
  let dated = false;
  // What a backend's own lines say was checked when they were read.
  if (response instanceof ReadResponse && response.untouched && !keepsLength) {
    head += response.text();
    dated = response.dated;
  } else {
    const fields = fieldLines(response.headers, keepsLength);
    head += fields.lines;
    dated = fields.dated;
  }
  if (!dated) head += dateLine();
  if (framing === "whole") head += `content-length: ${body === undefined ? 0 : (body as string).length}\r\n`;
  else if (framing === "length") head += `content-length: ${(body as { length: number }).length}\r\n`;
  else if (framing === "chunked") head += "transfer-encoding: chunked\r\n";
  if (close || framing === "close") head += "connection: close\r\n";
  else if (request.old) head += "connection: keep-alive\r\n";
  return { text: `${head}\r\n`, framing };
}

/** Fields that go on to the client. @param keepsLength also the length that the message itself says. */
function fieldLines(headers: RawHeaders, keepsLength: boolean): { lines: string; dated: boolean } {
  let lines = "";
  let dated = false;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    if (lineEnds.test(value) || lineEnds.test(name)) {
      throw new BandstandError("internal", "a line end stands in a header of the response");
    }
    const kind = kindOf(name);
    if (kind === "connection" || (kind === "length" && !keepsLength)) continue;
    if (kind === "date") dated = true;
    lines += `${name}: ${value}\r\n`;
  }
  return { lines, dated };
}

/**
 * Puts a response that came with a small body into the draft, as `writeResponseHead` would write it. False: it is no such
 * response, or nothing of it is where it was read any more.
 */
export function draftResponse(
  response: HttpResponse,
  request: { method: string; old: boolean },
  close: boolean,
): boolean {
  if (!(response instanceof ReadResponse) || !response.untouched || request.old || request.method === "HEAD")
    return false;
  const body = response.bodyBytes;
  const { status } = response;
  if (body === undefined || status === 204 || status === 304) return false;
  const date = response.dated ? "" : dateLine();
  response.copy(draft, firstLine(status), close ? `${date}connection: close\r\n` : date, body);
  response.passedOn();
  return true;
}

/** Longer ones gain nothing by going out from the draft. */
const smallAnswer = 3 * 1024;
const longestHead = 512;

/**
 * Puts a small whole answer into the draft, as `writeResponseHead` would write it, where its head is one that came before. False: it is
 * no such answer. @param now `performance.now()`, of a moment ago; undefined: not known.
 */
export function draftAnswer(
  response: HttpResponse,
  request: { method: string; old: boolean },
  close: boolean,
  now: number | undefined,
): boolean {
  const { status, body } = response;
  if (isStream(body) || response instanceof ReadResponse || request.old || request.method === "HEAD") return false;
  const length = body === undefined ? 0 : body.length;
  if (length > smallAnswer || status < 200 || status === 204 || status === 304) return false;
  const head = heads.find(status, response.headers);
  if (head === undefined) return false;
  draft.begin(head.lines.length + length + 128);
  draft.all(head.lines);
  if (!head.dated) draft.all(dateBytes(now ?? performance.now()));
  if (close) draft.text(`content-length: ${length}\r\nconnection: close\r\n\r\n`);
  else draft.all(lastLines(length));
  if (typeof body === "string") draft.text(body);
  else if (body !== undefined) draft.all(body);
  return true;
}

const lengths: Uint8Array[] = [];

/** What a head ends with whose body is so long. */
function lastLines(length: number): Uint8Array {
  return (lengths[length] ??= Buffer.from(`content-length: ${length}\r\n\r\n`));
}

const heads = new KnownHeads((status, headers) => {
  try {
    const { lines, dated } = fieldLines(headers, false);
    if (lines.length > longestHead) return undefined;
    return { lines: Buffer.from(firstLine(status) + lines, "latin1"), dated };
  } catch {
    // Whoever writes it as any other finds that out again, and says it.
    return undefined;
  }
});

/** An informational response (RFC 9110, section 15.2): 103 with its links, or 101 with `upgrade`. */
export function writeInformationalHead(status: number, headers: RawHeaders, upgrade?: string): string {
  let head = firstLine(status);
  for (let index = 0; index < headers.length; index += 2) {
    const line = `${headers[index]}: ${headers[index + 1]}`;
    if (kindOf(headers[index] as string) === undefined && !lineEnds.test(line)) head += `${line}\r\n`;
  }
  if (upgrade !== undefined) head += `connection: Upgrade\r\nupgrade: ${upgrade}\r\n`;
  return `${head}\r\n`;
}

function framingOf({ body }: HttpResponse, old: boolean): ResponseFraming {
  if (!isStream(body)) return "whole";
  if (body.length !== undefined) return "length";
  return old ? "close" : "chunked";
}

function kindOf(name: string): "connection" | "length" | "date" | undefined {
  switch (name.length) {
    case 4:
      return name.toLowerCase() === "date" ? "date" : undefined;
    case 10:
      return ["connection", "keep-alive"].includes(name.toLowerCase()) ? "connection" : undefined;
    case 14:
      return name.toLowerCase() === "content-length" ? "length" : undefined;
    case 17:
      return name.toLowerCase() === "transfer-encoding" ? "connection" : undefined;
    default:
      return undefined;
  }
}

const firstLines: string[] = [];

function firstLine(status: number): string {
  return (firstLines[status] ??= `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Status"}\r\n`);
}
