import { BandstandError } from "../../foundation/errors/index.ts";
import type { RawHeaders } from "../../foundation/http/index.ts";

/** Bytes of a head. */
const largest = 64 * 1024;

/** What stands before the body in a program's output. */
export interface CgiHead {
  status: number;
  headers: RawHeaders;
  /** The part of the output that is body already. */
  rest: Buffer;
}

/**
 * Reads the head of a CGI response (RFC 3875, section 6): lines until an empty one, `Status:` being the status. Undefined:
 * more is needed. Throws `component-no-answer` for what is no such head.
 * @param ended nothing more will come.
 */
export function cgiHead(output: Buffer, ended: boolean): CgiHead | undefined {
  const end = endOfHead(output);
  if (end === undefined) {
    if (output.length > largest) throw wrong(`its head is longer than ${largest} bytes`);
    if (ended)
      throw wrong(output.length === 0 ? "it wrote nothing" : "its output ends before an empty line ends the head");
    return undefined;
  }
  if (end.at > largest) throw wrong(`its head is longer than ${largest} bytes`);
  const headers: RawHeaders = [];
  let status: number | undefined;
  let location = false;
  for (const line of output.toString("latin1", 0, end.at).split(/\r?\n/)) {
    // With the blanks around a value, and not in parts of their own: a line of nothing else would take seconds to be refused.
    const [, name, found = ""] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    const value = withoutBlanks(found);
    if (name === undefined) throw wrong(`"${line.slice(0, 80)}" is no header line`);
    const lower = name.toLowerCase();
    if (lower === "status") status = statusOf(value);
    else if (!connection.has(lower)) headers.push(name, value);
    location ||= lower === "location";
  }
  if (headers.length === 0 && status === undefined) throw wrong("its head has no line");
  return { status: status ?? (location ? 302 : 200), headers, rest: output.subarray(end.rest) };
}

/** Without what `OWS` of RFC 9110 is at its ends. */
function withoutBlanks(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 9;
}

/** They are ours to say. */
const connection = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"]);

function statusOf(value: string): number {
  const status = Number(/^(\d{3})(?: .*)?$/.exec(value)?.[1]);
  if (status >= 200 && status <= 599) return status;
  throw wrong(`expected a status from 200 to 599, got "${value.slice(0, 40)}"`);
}

function endOfHead(output: Buffer): { at: number; rest: number } | undefined {
  for (let from = 0; ;) {
    const line = output.indexOf(10, from);
    if (line < 0) return undefined;
    const next = output[line + 1] === 13 ? line + 2 : line + 1;
    if (output[next] === 10) return { at: output[line - 1] === 13 ? line - 1 : line, rest: next + 1 };
    from = line + 1;
  }
}

function wrong(why: string): BandstandError {
  return new BandstandError("component-no-answer", `answered no HTTP by the CGI convention: ${why}`, {
    remedy: "Write header lines, an empty line, then the body to stdout.",
  });
}
