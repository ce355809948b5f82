import { BandstandError } from "../../foundation/errors/index.ts";
import { isBodiless, type RawHeaders } from "../../foundation/http/index.ts";
import { cgiHead } from "./head.ts";

/** What a program answers, as far as its head says it. */
export interface CgiAnswer {
  status: number;
  /** Without the length, which is the body's. */
  headers: RawHeaders;
  /** Bytes of the body, where the head declares them. */
  length: number | undefined;
  /** No body follows, whatever the program writes. */
  bodiless: boolean;
  /** The part of the output that is body already. */
  rest: Buffer;
}

/**
 * The answer by what a program wrote until now; undefined: more of it is needed. Throws `component-no-answer`.
 * @param method of the request.
 * @param ended nothing more will come.
 */
export function cgiAnswer(output: Buffer, ended: boolean, method: string): CgiAnswer | undefined {
  const head = cgiHead(output, ended);
  if (head === undefined) return undefined;
  const { status, headers, rest } = head;
  const at = headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === "content-length");
  const length = at < 0 ? undefined : Number(headers.splice(at, 2)[1]);
  if (length !== undefined && !Number.isSafeInteger(length)) {
    throw new BandstandError(
      "component-no-answer",
      "answered no HTTP by the CGI convention: its content-length is no number",
      { remedy: "Leave it out, or write the bytes of the body." },
    );
  }
  return { status, headers, length, bodiless: method === "HEAD" || isBodiless(status), rest };
}
