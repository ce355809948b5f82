import type { RawHeaders } from "../../foundation/http/index.ts";
import { isHopByHop, isNoTrailer } from "../http1/hop-by-hop.ts";

/** Fields of one name together, as node:http2 takes them. */
export type FieldMap = Record<string, string[]>;

/** Trailers without what must not stand there: node:http2 throws for some of it where nobody catches. */
export function trailerFields(trailers: RawHeaders = []): FieldMap {
  return fieldMap(trailers, isNoTrailer);
}

/** Headers of an informational response. */
export function informationalFields(headers: RawHeaders): FieldMap {
  return fieldMap(headers, (name) => isHopByHop(name) || name.startsWith(":"));
}

function fieldMap(raw: RawHeaders, left: (name: string) => boolean): FieldMap {
  // Without a prototype, since `__proto__` is a name like all others.
  const fields = Object.create(null) as FieldMap;
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    if (!left(name)) (fields[name] ??= []).push(raw[index + 1] as string);
  }
  return fields;
}
