import type { HttpRequest, RawHeaders } from "../../foundation/http/index.ts";
import type { MatchPlan } from "../../model/plan/index.ts";
import { textTest, type TextTest } from "./pattern.ts";

/** One request while it is matched. */
export interface Subject {
  /** Its headers are made when the first rule asks. */
  readonly request: Pick<HttpRequest, "method" | "authority" | "headers">;
  readonly query: string | undefined;
  /** Made when the first rule asks. */
  parameters: URLSearchParams | undefined;
}

/** What must hold besides host and path. Undefined: nothing more, so most requests test nothing. */
export type Condition = (subject: Subject) => boolean;

interface Named {
  name: string;
  test: TextTest;
}

/** Compiles method, header and query conditions. Of several that name the same header or parameter the first counts. */
export function compileCondition(match: MatchPlan): Condition | undefined {
  const { method, grpc } = match;
  const headers = firstOfName(match.headers.map((header) => ({ ...header, name: header.name.toLowerCase() })));
  const query = firstOfName(match.query);
  if (method === undefined && grpc === undefined && headers.length === 0 && query.length === 0) return undefined;
  return (subject) =>
    (method === undefined || subject.request.method === method) &&
    (grpc === undefined || isCall(subject)) &&
    headers.every(({ name, test }) => holds(fieldOf(subject, name), test)) &&
    query.every(({ name, test }) => holds(parameter(subject, name), test));
}

/** `Host` is who is asked: beside an absolute target the field says nothing, HTTP/2 has none, and backends see this one. */
function fieldOf({ request }: Subject, name: string): string | undefined {
  return name === "host" ? request.authority : headerValue(request.headers, name);
}

/** A request of gRPC, whatever its messages are coded in: `application/grpc`, `application/grpc+json`; not gRPC-Web. */
function isCall({ request }: Subject): boolean {
  const type = request.method === "POST" ? headerValue(request.headers, "content-type") : undefined;
  return type !== undefined && /^application\/grpc(?:$|[+;])/i.test(type);
}

function firstOfName(conditions: MatchPlan["headers"]): Named[] {
  const named = new Map<string, Named>();
  for (const { name, type, value } of conditions) {
    if (!named.has(name)) named.set(name, { name, test: textTest(type, value) });
  }
  return [...named.values()];
}

function holds(value: string | undefined, test: TextTest): boolean {
  return value !== undefined && test(value);
}

/** Several lines of one name are one value, joined by commas (RFC 9110, section 5.2). */
export function headerValue(headers: RawHeaders, lowerName: string): string | undefined {
  let value: string | undefined;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (name.length !== lowerName.length || name.toLowerCase() !== lowerName) continue;
    value = value === undefined ? headers[index + 1] : `${value},${headers[index + 1]}`;
  }
  return value;
}

/** Of a repeated parameter the first value counts, as the Gateway API recommends. */
function parameter(subject: Subject, name: string): string | undefined {
  if (subject.query === undefined) return undefined;
  subject.parameters ??= new URLSearchParams(subject.query);
  return subject.parameters.get(name) ?? undefined;
}
