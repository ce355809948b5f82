import { lineEnds } from "../../../foundation/http/field-syntax.ts";
import { STATUS_CODES } from "node:http";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type HttpResponse, type RawHeaders } from "../../../foundation/http/index.ts";
import { ReadResponse } from "../../http1/read-response.ts";
import { draft } from "../../wire/draft.ts";

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
    const { headers } = response;
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string;
      const value = headers[index + 1] as string;
      if (lineEnds.test(value) || lineEnds.test(name)) {
        throw new BandstandError("internal", "a line end stands in a header of the response");
      }
      const kind = kindOf(name);
      if (kind === "connection" || (kind === "length" && !keepsLength)) continue;
      if (kind === "date") dated = true;
      head += `${name}: ${value}\r\n`;
    }
  }
  if (!dated) head += httpDate();
  if (framing === "whole") head += `content-length: ${body === undefined ? 0 : (body as string).length}\r\n`;
  else if (framing === "length") head += `content-length: ${(body as { length: number }).length}\r\n`;
  else if (framing === "chunked") head += "transfer-encoding: chunked\r\n";
  if (close || framing === "close") head += "connection: close\r\n";
  else if (request.old) head += "connection: keep-alive\r\n";
  return { text: `${head}\r\n`, framing };
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
  const date = response.dated ? "" : httpDate();
  response.copy(draft, firstLine(status), close ? `${date}connection: close\r\n` : date, body);
  response.passedOn();
  return true;
}

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

let dateLine = "";
let dateSecond = 0;

/** RFC 9110, section 6.6.1; made once a second. */
function httpDate(): string {
  const now = Date.now();
  if (now - dateSecond >= 1000) {
    dateSecond = now - (now % 1000);
    dateLine = `date: ${new Date(dateSecond).toUTCString()}\r\n`;
  }
  return dateLine;
}
