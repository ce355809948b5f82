import type { HttpRequest, HttpResponse, RawHeaders } from "../../foundation/http/index.ts";
import type { ErrorPagePlan } from "../../model/plan/index.ts";
import { headerValue } from "../match/index.ts";
import type { OwnAnswer } from "./answer.ts";

/** Puts pages in the place of answers that the gateway makes itself, by their status. */
export type ErrorPages = (answer: OwnAnswer, request: Pick<HttpRequest, "headers">) => HttpResponse;

export function compileErrorPages(plans: readonly ErrorPagePlan[]): ErrorPages {
  const pages = new Map(plans.map(({ status, type, page }) => [status, { type, body: latin1(page) }]));
  return (answer, request) => {
    const found = pages.get(answer.status) ?? pages.get(answer.status < 500 ? "4xx" : "5xx");
    if (found === undefined || !takes(request.headers, found.type)) return answer;
    const { status, headers } = answer;
    return { status, headers: [...withoutType(headers), "content-type", found.type], body: found.body };
  };
}

/** Programs that ask for JSON get ours and no page. */
function takes(headers: RawHeaders, type: string): boolean {
  const accept = headerValue(headers, "accept")?.toLowerCase();
  if (accept === undefined || accept.includes("*/*")) return true;
  const [major = "", minor = ""] = type.split(/[/;]/);
  return accept.includes(`${major}/${minor}`) || accept.includes(`${major}/*`);
}

/** An answer's headers without `content-type`. */
export function withoutType(headers: RawHeaders): RawHeaders {
  return headers.filter((_text, index) => headers[index - (index % 2)] !== "content-type");
}

/** Whole bodies are latin1, one unit a byte. */
function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
