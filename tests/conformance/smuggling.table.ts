/** Raw bytes, and what must come back: the statuses of all responses on the connection, in order. */
export interface SmugglingRow {
  name: string;
  /** Numbers are pauses in milliseconds. */
  send: (string | number)[];
  statuses: number[];
  /** The connection must be closed afterwards. */
  closed: boolean;
  /** Requests that may reach a backend. */
  reached: number;
}

const head = (...lines: string[]): string => [...lines, "", ""].join("\r\n");
const get = (...lines: string[]): string => head("GET / HTTP/1.1", "Host: simple.example", ...lines);
const post = (...lines: string[]): string => head("POST / HTTP/1.1", "Host: simple.example", ...lines);
/** What a smuggler hopes is taken for a request of its own. */
const smuggled = head("GET /smuggled HTTP/1.1", "Host: simple.example");

const refused = (name: string, ...send: (string | number)[]): SmugglingRow => ({
  name,
  send,
  statuses: [400],
  closed: true,
  reached: 0,
});

export const smuggling: SmugglingRow[] = [
  refused("both framings: CL.TE", `${post("Content-Length: 6", "Transfer-Encoding: chunked")}0\r\n\r\n${smuggled}`),
  refused(
    "both framings: TE.CL",
    `${post("Transfer-Encoding: chunked", "Content-Length: 4")}5c\r\n${smuggled}\r\n0\r\n\r\n`,
  ),
  refused("two lengths", `${post("Content-Length: 0", "Content-Length: 5")}hello${smuggled}`),
  refused("two equal lengths", `${post("Content-Length: 5", "Content-Length: 5")}hello${smuggled}`),
  refused("a list of lengths", `${post("Content-Length: 5, 5")}hello`),
  refused("a signed length", `${post("Content-Length: +5")}hello`),
  refused("a length in hexadecimal", `${post("Content-Length: 0x5")}hello`),
  refused("a length beyond counting", `${post("Content-Length: 99999999999999999999")}hello`),
  refused("an obscure transfer coding", `${post("Transfer-Encoding: xchunked")}0\r\n\r\n${smuggled}`),
  refused("chunked and another coding", `${post("Transfer-Encoding: chunked, identity")}0\r\n\r\n${smuggled}`),
  refused("two transfer codings", `${post("Transfer-Encoding: chunked", "Transfer-Encoding: identity")}0\r\n\r\n`),
  refused("a vertical tab before chunked", `${post("Transfer-Encoding: \x0bchunked")}0\r\n\r\n${smuggled}`),
  refused("a blank before the colon", `${post("Transfer-Encoding : chunked")}0\r\n\r\n${smuggled}`),
  refused("a folded header", `${post("Transfer-Encoding:", " chunked")}0\r\n\r\n${smuggled}`),
  refused("a bare LF inside the head", `POST / HTTP/1.1\nHost: simple.example\nContent-Length: 0\n\n\r\n\r\n`),
  refused("a bare CR inside a value", get("X: a\rTransfer-Encoding: chunked")),
  refused("NUL inside a value", get("X: a\0b")),
  refused("a header without a name", get(": x")),
  refused("chunked in HTTP/1.0", head("POST / HTTP/1.0", "Host: simple.example", "Transfer-Encoding: chunked")),
  refused("no Host", head("GET / HTTP/1.1", "X: y")),
  refused("two Hosts", get("Host: other.example")),
  refused("a Host with a path", head("GET / HTTP/1.1", "Host: simple.example/x")),
  refused("a Host with a user", head("GET / HTTP/1.1", "Host: me@simple.example")),
  refused("an absolute target for another host", head("GET http://other.example/ HTTP/1.1", "Host: simple.example")),
  {
    ...refused("CONNECT", head("CONNECT simple.example:443 HTTP/1.1", "Host: simple.example") + smuggled),
    statuses: [405],
  },
  { ...refused("TRACE", head("TRACE / HTTP/1.1", "Host: simple.example", "Cookie: secret=1")), statuses: [405] },
  {
    ...refused("OPTIONS * is about the server", head("OPTIONS * HTTP/1.1", "Host: simple.example")),
    statuses: [204],
    closed: false,
  },
  refused("a fragment in the target", head("GET /#x HTTP/1.1", "Host: simple.example")),
  refused("a blank in the target", head("GET /a b HTTP/1.1", "Host: simple.example")),
  refused("a byte beyond ASCII in the target", head("GET /\xe9 HTTP/1.1", "Host: simple.example")),
  refused("HTTP/2's preface with a letter changed", "PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n"),
  refused("HTTP/0.9", "GET /\r\n\r\n"),
  refused("TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"),
  {
    ...refused("a chunk longer than its size", post("Transfer-Encoding: chunked"), 50, "1\r\nabc\r\n0\r\n\r\n"),
    reached: 1,
  },
  {
    ...refused("a chunk size with a sign", post("Transfer-Encoding: chunked"), 50, "+1\r\na\r\n0\r\n\r\n"),
    reached: 1,
  },
  {
    name: "a head that is too long",
    send: [get(`X: ${"a".repeat(40_000)}`)],
    statuses: [431],
    closed: true,
    reached: 0,
  },
  {
    name: "too many headers",
    send: [get(...Array.from({ length: 300 }, (_, index) => `X-${index}: y`))],
    statuses: [431],
    closed: true,
    reached: 0,
  },
  {
    name: "one empty line before a request",
    send: [`\r\n${get("Connection: close")}`],
    statuses: [200],
    closed: true,
    reached: 1,
  },
  {
    name: "pipelined requests are answered in order",
    send: [get() + get() + get("Connection: close")],
    statuses: [200, 200, 200],
    closed: true,
    reached: 3,
  },
  {
    name: "a body that looks like a request is a body",
    send: [`${post(`Content-Length: ${smuggled.length}`)}${smuggled}${get("Connection: close")}`],
    statuses: [200, 200],
    closed: true,
    reached: 2,
  },
  {
    name: "a body of GET is a body",
    send: [`${get(`Content-Length: ${smuggled.length}`)}${smuggled}${get("Connection: close")}`],
    statuses: [200, 200],
    closed: true,
    reached: 2,
  },
  {
    name: "an absolute target for this host",
    send: [head("GET http://simple.example/ HTTP/1.1", "Host: simple.example", "Connection: close")],
    statuses: [200],
    closed: true,
    reached: 1,
  },
  {
    name: "a refused request ends its pipeline",
    send: [get() + get("Content-Length: x") + smuggled],
    statuses: [200, 400],
    closed: true,
    reached: 1,
  },
];
