import type { HeadLines } from "../../http1/head-lines.ts";
import { maskOf } from "../../http1/known-names.ts";
import { headerValue } from "../../match/index.ts";

const hop = maskOf("hop");

/**
 * Milliseconds that a backend keeps a connection while it is idle, by `Keep-Alive: timeout=5` of an answer (RFC 2068,
 * section 19.7.1.1, which servers go on sending). Undefined: it does not say.
 */
export function keptFor(lines: HeadLines): number | undefined {
  if ((lines.seen & hop) === 0) return undefined;
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})(?!\d)/i.exec(headerValue(lines.fields(0), "keep-alive") ?? "")?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
