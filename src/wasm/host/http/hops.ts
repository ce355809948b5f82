import { BandstandError } from "../../../foundation/errors/index.ts";
import type { HttpRequest, RawHeaders } from "../../../foundation/http/index.ts";

/** How often a request may come by a component that answers by sending another: longer ways are circles. */
const mostHops = 8;

const field = "cdn-loop";
const ours = "bandstand";

/**
 * What a component sends because of a request carries how often that came by a Bandstand (`CDN-Loop`, RFC 8586), whatever
 * the component makes of its headers. Without it, one request to a component that asks itself would go round for ever.
 * Throws `backend-broken`, a guest's `loop-detected`, where it came by too often.
 */
export function withHop(request: HttpRequest, incoming: RawHeaders): HttpRequest {
  const before = valuesOf(incoming);
  const hops = before.filter((value) => value.split(";", 1)[0]!.trim().toLowerCase() === ours).length;
  if (hops >= mostHops) throw loop(hops);
  const headers = request.headers.filter((_, i, all) => all[i - (i % 2)]!.toLowerCase() !== field);
  headers.push(field, [...before, ours].join(", "));
  return { ...request, headers };
}

function valuesOf(headers: RawHeaders): string[] {
  const values: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!;
    if (name.length !== field.length || name.toLowerCase() !== field) continue;
    values.push(...headers[index + 1]!.split(",").map((value) => value.trim()));
  }
  return values;
}

function loop(hops: number): BandstandError {
  const cause = Object.assign(new Error("it goes round"), { code: "ELOOP" });
  return new BandstandError("backend-broken", `the request came by components ${hops} times: it goes round`, { cause });
}
