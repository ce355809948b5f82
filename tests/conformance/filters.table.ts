import { get, row, type Row } from "./table.ts";

const v1 = { status: 200, backend: "v1" };
const utf8 = (text: string): string => Buffer.from(text).toString("latin1");
const location = (value: string) => ({ headers: { location: value } });

export const filters = (port: number): Row[] => [
  row("HTTPRouteRequestHeaderModifier", "set, where there was none", get("edit.example/set"), {
    ...v1,
    seen: { "x-set": "new" },
  }),
  row("HTTPRouteRequestHeaderModifier", "set, where there were two", get("edit.example/set", { "X-Set": ["a", "b"] }), {
    ...v1,
    seen: { "x-set": "new" },
  }),
  row("HTTPRouteRequestHeaderModifier", "add, where there was none", get("edit.example/add"), {
    ...v1,
    seen: { "x-add": "new" },
  }),
  row("HTTPRouteRequestHeaderModifier", "add, where there was one", get("edit.example/add", { "X-Add": "old" }), {
    ...v1,
    seen: { "x-add": "old,new" },
  }),
  row("HTTPRouteRequestHeaderModifier", "remove", get("edit.example/remove", { "X-Remove": ["a", "b"] }), {
    ...v1,
    seen: { "x-remove": undefined },
  }),
  row("HTTPRouteRequestHeaderModifier", "more than ASCII is UTF-8", get("ascii.example/rewritten"), {
    ...v1,
    // Once on the wire, once more in what the backend tells.
    seen: { "x-place": utf8(utf8("Zürich €")), x: undefined },
  }),
  row("HTTPRouteRewritePath", "what cannot stand in a path is encoded", get("ascii.example/rewritten"), {
    ...v1,
    path: "/a%20b/%41/100%25/%C3%BC%23%0D%0Ax:%20y?q=1",
  }),
  row("HTTPRouteRedirectPath", "what cannot stand in a path is encoded", get("ascii.example/redirected/x"), {
    status: 302,
    headers: {
      location: `http://ascii.example:${port}/f%C3%BCr%20alle%0D%0Aset-cookie:%20a=b/x`,
      "set-cookie": undefined,
    },
  }),
  row("HTTPRouteResponseHeaderModifier", "of a redirect, wherever it is written", get("ascii.example/moved"), {
    status: 302,
    headers: { "x-moved": "yes", location: `http://there.example:${port}/moved` },
  }),
  row(
    "HTTPRouteRequestHeaderModifier",
    "several at once",
    get("edit.example/multiple", { "X-Set-2": "old", "X-Add-2": "old", "X-Remove-1": "x", "X-Keep": "y" }),
    {
      ...v1,
      seen: {
        "x-set-1": "a",
        "x-set-2": "b",
        "x-add-1": "c",
        "x-add-2": "old,d",
        "x-remove-1": undefined,
        "x-keep": "y",
      },
    },
  ),
  row(
    "HTTPRouteRequestHeaderModifier",
    "names in any case",
    get("edit.example/case", { "x-set": "old", "X-add": "old", "X-Remove": "old" }),
    { ...v1, seen: { "x-set": "new", "x-add": "old,new", "x-remove": undefined } },
  ),
  row(
    "HTTPRouteRequestHeaderModifier",
    "of two entries for one name the first",
    get("edit.example/twice", { "x-a": "0" }),
    {
      ...v1,
      seen: { "x-set": "first", "x-a": "0,1" },
    },
  ),
  row("HTTPRouteBackendRequestHeaderModifier", "of one backend", get("edit.example/backend"), {
    ...v1,
    seen: { "x-backend": "yes" },
  }),
  row("HTTPRouteResponseHeaderModifier", "set", get("answer.example/set?header=X-Set:old"), {
    ...v1,
    headers: { "x-set": "new" },
  }),
  row(
    "HTTPRouteResponseHeaderModifier",
    "add, and a cookie stays a line of its own",
    get("answer.example/add?header=X-Add:old&header=Set-Cookie:a=1&header=Set-Cookie:b=2"),
    { ...v1, headers: { "x-add": "old,new", "set-cookie": "a=1,b=2,c=3" } },
  ),
  row("HTTPRouteResponseHeaderModifier", "remove", get("answer.example/remove?header=X-Remove:old"), {
    ...v1,
    headers: { "x-remove": undefined },
  }),
  row("HTTPRouteBackendResponseHeaderModifier", "of one backend", get("answer.example/backend"), {
    ...v1,
    headers: { "x-backend": "yes" },
  }),
  row(
    "HTTPRouteRedirectHostAndStatus",
    "302 unless said otherwise; the listener's port",
    get("redirect.example/host"),
    { status: 302, ...location(`http://example.org:${port}/host`) },
  ),
  row("HTTPRouteRedirectHostAndStatus", "301", get("redirect.example/status"), {
    status: 301,
    ...location(`http://example.org:${port}/status`),
  }),
  row("HTTPRoute303Redirect", "303", get("redirect.example/303"), { status: 303 }),
  row("HTTPRoute307Redirect", "307", get("redirect.example/307"), { status: 307 }),
  row("HTTPRoute308Redirect", "308", get("redirect.example/308"), { status: 308 }),
  row("HTTPRouteRedirectScheme", "its well-known port is left out", get("redirect.example/scheme/x?y=z"), {
    status: 302,
    ...location("https://redirect.example/scheme/x?y=z"),
  }),
  row("HTTPRouteRedirectPort", "a port", get("redirect.example/port"), {
    status: 302,
    ...location("http://redirect.example:8080/port"),
  }),
  row("HTTPRouteRedirectPortAndScheme", "80 is left out for http", get("redirect.example/port-80"), {
    status: 302,
    ...location("http://redirect.example/port-80"),
  }),
  row("HTTPRouteRedirectPortAndScheme", "scheme and port", get("redirect.example/scheme-port"), {
    status: 302,
    ...location("https://redirect.example:8443/scheme-port"),
  }),
  row("HTTPRouteRedirectPortAndScheme", "443 is left out for https", get("redirect.example/scheme-443"), {
    status: 302,
    ...location("https://redirect.example/scheme-443"),
  }),
  row("HTTPRouteRedirectPortAndScheme", "http has port 80", get("redirect.example/http"), {
    status: 302,
    ...location("http://redirect.example/http"),
  }),
  row("HTTPRouteRedirectPath", "a prefix", get("redirect.example/prefix/lemon?a=b"), {
    status: 302,
    ...location(`http://redirect.example:${port}/new/lemon?a=b`),
  }),
  row("HTTPRouteRedirectPath", "the whole path", get("redirect.example/full/lemon"), {
    status: 302,
    ...location(`http://redirect.example:${port}/whole`),
  }),
  row("HTTPRouteRedirectPath", "never to another host by two slashes", get("redirect.example/none//evil.test"), {
    status: 302,
    ...location(`http://redirect.example:${port}/evil.test`),
  }),
  ...(
    [
      ["/foo/bar", "/xyz/bar"],
      ["/foo", "/xyz"],
      ["/foo/", "/xyz/"],
      ["/foo?a=b", "/xyz?a=b"],
      ["/%66oo/b%61r", "/xyz/b%61r"],
      ["/slash/bar", "/xyz/bar"],
      ["/matched/bar", "/xyz/bar"],
      ["/both/bar", "/xyz/bar"],
      ["/empty/bar", "/bar"],
      ["/empty/", "/"],
      ["/empty", "/"],
      ["/root/bar", "/bar"],
      ["/root/", "/"],
      ["/root", "/"],
      ["/a/b/c", "/xyz/c"],
    ] as const
  ).map(([from, to]) =>
    row("HTTPRouteRewritePath", `${from} becomes ${to}`, get(`rewrite.example${from}`), { ...v1, path: to }),
  ),
  row("HTTPRouteRewritePath", "the whole path, with its query", get("rewrite.example/full/a?b=c"), {
    ...v1,
    path: "/one?b=c",
  }),
  row("HTTPRouteRewriteHost", "the backend sees another host", get("rewrite.example/host"), {
    ...v1,
    host: "one.example.org",
  }),
  row("HTTPRouteBackendURLRewrite", "of one backend", get("rewrite.example/backend-prefix/a"), {
    ...v1,
    path: "/xyz/a",
  }),
  row("HTTPRouteBackendRequestRedirect", "of one backend", get("rewrite.example/backend-redirect/a"), {
    status: 302,
    ...location(`http://rewrite.example:${port}/xyz`),
  }),
  row("HTTPRouteRedirectHost", "an empty hostname is the request's", get("redirect.example/empty-host"), {
    status: 302,
    ...location("https://redirect.example/empty-host"),
  }),
  row("Middleware", "its identity header arrives", get("chain.example/identity"), {
    ...v1,
    seen: { "x-user": "alice" },
  }),
  row(
    "Middleware",
    "identity headers from outside do not",
    get("chain.example/identity", { "X-User": "eve", "X-USER-Roles": "admin", X_User: "eve", "x_user-Roles": "admin" }),
    { ...v1, seen: { "x-user": "alice", "x-user-roles": undefined, x_user: undefined, "x_user-roles": undefined } },
  ),
  row("Middleware", "of a single backend too", get("chain.example/backend-filter", { "X-User": "eve" }), {
    ...v1,
    seen: { "x-user": "alice" },
  }),
  row("Middleware", "answers without asking the next", get("chain.example/answers"), { status: 401, body: "no" }),
  row("Middleware", "the first is the outermost", get("chain.example/outer"), {
    ...v1,
    seen: { "x-user": "alice" },
    headers: { "x-outer": "counted" },
  }),
  row("Middleware", "in front of a component", get("chain.example/hello"), {
    status: 200,
    body: "hello from a component",
    headers: { "x-outer": "counted" },
  }),
  row("Middleware", "an unresolvable one answers 500", get("chain.example/unresolved"), { status: 500 }),
  row(
    "Middleware",
    "identity headers are stripped for every rule of its route",
    get("chain.example/", { "X-User": "eve" }),
    { ...v1, seen: { "x-user": undefined } },
  ),
  row("Headers", "a route without middlewares leaves them alone", get("edit.example/set", { "X-User": "me" }), {
    ...v1,
    seen: { "x-user": "me" },
  }),
  row(
    "Headers",
    "hop-by-hop headers stay here",
    get("chain.example/", {
      Connection: "close, X-Hop",
      "X-Hop": "1",
      "Keep-Alive": "x",
      TE: "trailers",
      "Proxy-Authorization": "x",
      Upgrade: "h2c",
    }),
    {
      ...v1,
      seen: {
        "x-hop": undefined,
        "keep-alive": undefined,
        te: undefined,
        "proxy-authorization": undefined,
        upgrade: undefined,
      },
    },
  ),
  row(
    "Headers",
    "hop-by-hop headers of a response stay here",
    get("answer.example/?header=Connection:X-Hop&header=X-Hop:1&header=Upgrade:h2c"),
    { ...v1, headers: { "x-hop": undefined, upgrade: undefined } },
  ),
  row(
    "Headers",
    "where a request came from is what we saw",
    get("chain.example/", {
      "X-Forwarded-For": "1.2.3.4",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "evil",
      X_Forwarded_For: "1.2.3.4",
      Forwarded: "for=1.2.3.4",
      "X-Real-IP": "1.2.3.4",
      "X-Forwarded-Client-Cert": "x",
    }),
    {
      ...v1,
      seen: {
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "http",
        "x-forwarded-host": "chain.example",
        x_forwarded_for: undefined,
        forwarded: undefined,
        "x-real-ip": undefined,
        "x-forwarded-client-cert": undefined,
      },
    },
  ),
  row("Headers", "Host goes on as it came", get("chain.example:1234/"), { ...v1, host: "chain.example:1234" }),
];
