import type { Asked, Reply } from "./harness.ts";

/** What must come back. Header names in lower case; undefined means that the header must not be there. */
export interface Expected {
  status?: number;
  /** The backend that answered. */
  backend?: string;
  /** What the backend got. */
  path?: string;
  host?: string;
  seen?: Record<string, string | undefined>;
  headers?: Record<string, string | undefined>;
  body?: string;
  broken?: boolean;
}

export interface Row {
  /** The Gateway API's conformance test for the rule, or a word of ours. */
  test: string;
  rule: string;
  ask: Asked;
  expected: Expected;
}

/** `get("shop.example/a")`, with headers or other fields. */
export function get(url: string, headers: Record<string, string | string[]> = {}, more: Partial<Asked> = {}): Asked {
  const slash = url.indexOf("/");
  const [host, path] = slash === -1 ? [url, "/"] : [url.slice(0, slash), url.slice(slash)];
  return { host, path, headers, ...more };
}

export function row(test: string, rule: string, ask: Asked, expected: Expected): Row {
  return { test, rule, ask, expected };
}

/** The reply in the shape of what was expected, for one comparison that shows all differences. */
export function inShapeOf(expected: Expected, reply: Reply): Expected {
  const shape: Expected = {};
  const { seen } = reply;
  if ("status" in expected) shape.status = reply.status;
  if ("body" in expected) shape.body = reply.body;
  if ("broken" in expected) shape.broken = reply.broken;
  if ("headers" in expected) shape.headers = pick(expected.headers, reply.headers);
  const got = { backend: seen?.backend, path: seen?.path, host: seen?.host };
  for (const key of ["backend", "path", "host"] as const) {
    if (key in expected) Object.assign(shape, { [key]: got[key] });
  }
  if ("seen" in expected) shape.seen = pick(expected.seen, seen?.headers ?? {});
  return shape;
}

function pick(names: Record<string, string | undefined> = {}, from: Record<string, string>) {
  return Object.fromEntries(Object.keys(names).map((name) => [name, from[name]]));
}
