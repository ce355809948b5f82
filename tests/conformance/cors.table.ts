import { get, row, type Expected, type Row } from "./table.ts";

const test = "HTTPRouteCORS";
const v1 = { status: 200, backend: "v1" };

const preflight = (path: string, origin: string, method: string, headers?: string) =>
  get(
    `cors.example/${path}`,
    {
      Origin: origin,
      "Access-Control-Request-Method": method,
      ...(headers === undefined ? {} : { "Access-Control-Request-Headers": headers }),
    },
    { method: "OPTIONS" },
  );

const permitted = (origin: string, more: Record<string, string | undefined> = {}): Expected["headers"] => ({
  "access-control-allow-origin": origin,
  ...more,
});
const refused = permitted(undefined as unknown as string, {
  "access-control-allow-methods": undefined,
  "access-control-allow-credentials": undefined,
});
const lists = {
  "access-control-allow-methods": "GET, OPTIONS",
  "access-control-allow-headers": "x-header-1, x-header-2",
  "access-control-expose-headers": "x-header-3, x-header-4",
  "access-control-max-age": "3600",
  "access-control-allow-credentials": "true",
};

export const cors: Row[] = [
  row(test, "a preflight from an exact origin", preflight("lists", "https://www.foo.com", "GET", "x-header-1"), {
    status: 204,
    body: "",
    headers: permitted("https://www.foo.com", { ...lists, vary: "Origin" }),
  }),
  row(test, "a preflight from a wildcard's origin", preflight("lists", "https://www.bar.com", "GET"), {
    status: 204,
    headers: permitted("https://www.bar.com", lists),
  }),
  row(test, "a wildcard takes any number of labels", preflight("lists", "https://a.b.bar.com", "GET"), {
    status: 204,
    headers: permitted("https://a.b.bar.com"),
  }),
  row(test, "a wildcard does not take its own suffix", preflight("lists", "https://bar.com", "GET"), {
    status: 204,
    headers: refused,
  }),
  row(test, "a preflight from elsewhere", preflight("lists", "https://foobar.com", "GET"), {
    status: 204,
    body: "",
    headers: refused,
  }),
  row(test, "another port is another origin", preflight("lists", "https://www.foo.com:8443", "GET"), {
    status: 204,
    headers: refused,
  }),
  row(test, "the scheme's own port may be written", preflight("lists", "https://www.foo.com:443", "GET"), {
    status: 204,
    headers: permitted("https://www.foo.com:443"),
  }),
  row(test, "another scheme is another origin", preflight("lists", "http://www.foo.com", "GET"), {
    status: 204,
    headers: refused,
  }),
  row(test, "a request from an origin", get("cors.example/lists", { Origin: "https://www.foo.com" }), {
    ...v1,
    headers: permitted("https://www.foo.com", {
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "x-header-3, x-header-4",
      "access-control-allow-methods": undefined,
      vary: "Origin",
    }),
  }),
  row(
    test,
    "a request from elsewhere is served without permission",
    get("cors.example/lists", { Origin: "https://x.y" }),
    {
      ...v1,
      headers: refused,
    },
  ),
  row(
    test,
    "the backend's own permissions are not passed on",
    get("cors.example/lists?header=Access-Control-Allow-Origin:*", { Origin: "https://x.y" }),
    { ...v1, headers: refused },
  ),
  row(test, "a request without Origin", get("cors.example/lists"), { ...v1, headers: { ...refused, vary: "Origin" } }),
  row(
    test,
    "OPTIONS that is no preflight reaches the backend",
    get("cors.example/lists", { Origin: "https://www.foo.com" }, { method: "OPTIONS" }),
    { ...v1, headers: permitted("https://www.foo.com") },
  ),
  row(test, "every method", preflight("methods", "https://www.foo.com", "POST"), {
    status: 204,
    headers: permitted("https://www.foo.com", {
      "access-control-allow-methods": "POST",
      "access-control-allow-credentials": undefined,
      "access-control-max-age": "5",
    }),
  }),
  row(test, "every origin", preflight("origin", "https://foobar.com:12345", "PUT"), {
    status: 204,
    headers: permitted("*", { "access-control-allow-methods": "PUT", "access-control-allow-credentials": undefined }),
  }),
  row(
    test,
    "everything with credentials is never `*`",
    preflight("all-credentials", "https://other.foo.com", "PUT", "x-header-1, authorization"),
    {
      status: 204,
      headers: permitted("https://other.foo.com", {
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "x-header-1, authorization",
        "access-control-expose-headers": undefined,
        "access-control-allow-credentials": "true",
      }),
    },
  ),
  row(test, "no headers asked for, none allowed", preflight("all-credentials", "https://a.b", "PUT"), {
    status: 204,
    headers: permitted("https://a.b", { "access-control-allow-headers": undefined }),
  }),
  row(test, "every host of a scheme", preflight("scheme", "https://a.b", "GET"), {
    status: 204,
    headers: permitted("https://a.b"),
  }),
  row(test, "a port of its own", preflight("scheme", "http://local.test:8080", "GET"), {
    status: 204,
    headers: permitted("http://local.test:8080"),
  }),
  row(test, "a preflight for a rule of one method", preflight("only-post", "https://www.foo.com", "POST"), {
    status: 204,
    headers: permitted("https://www.foo.com", { "access-control-allow-methods": "POST" }),
  }),
  row(test, "a preflight for another method", preflight("only-post", "https://www.foo.com", "PUT"), { status: 404 }),
  row(test, "a preflight for a rule without CORS", preflight("no-cors", "https://a.b", "POST"), { status: 404 }),
  row(test, "scripts may see that a backend is away", get("cors.example/closed", { Origin: "https://www.foo.com" }), {
    status: 503,
    headers: permitted("https://www.foo.com"),
  }),
  row(test, "and that it is late", get("cors.example/late?delay=400", { Origin: "https://www.foo.com" }), {
    status: 504,
    headers: permitted("https://www.foo.com"),
  }),
  row(test, "others may not", get("cors.example/closed", { Origin: "https://a.b" }), { status: 503, headers: refused }),
  row(test, "null is no origin that can be listed", preflight("scheme", "null", "GET"), {
    status: 204,
    headers: refused,
  }),
];
