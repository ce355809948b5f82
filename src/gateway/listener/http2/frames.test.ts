import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isStream, type HttpRequest } from "../../../foundation/http/index.ts";
import { Http1Server } from "../http1/server.ts";
import { fields, frame, listen, setting, type, word, type Heard } from "./raw-frames.ts";

/** Requests as they came through. */
const came: HttpRequest[] = [];
let server: Http1Server;
let port = 0;

beforeAll(async () => {
  server = new Http1Server({
    address: "127.0.0.1",
    port: 0,
    reusePort: false,
    handle: async (request) => {
      let body = "";
      const { body: stream } = request;
      if (isStream(stream)) {
        for (let piece = await stream.read(); piece !== undefined; piece = await stream.read())
          body += Buffer.from(piece).toString();
      }
      came.push(request);
      return { status: 200, headers: [], body: `[${body}]` };
    },
    refuse: (error) => ({ status: error.status, headers: [], body: error.code }),
    broke: () => {},
  });
  port = await server.open();
});
afterAll(() => server.close());

type Pair = [string, string];
const [method, scheme, path, authority]: Pair[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "a"],
] as [Pair, Pair, Pair, Pair];
const get = [method, scheme, path, authority] as Pair[];
const but = (name: string, value?: string): Pair[] =>
  get.flatMap(([own, old]): Pair[] => (own !== name ? [[own, old]] : value === undefined ? [] : [[own, value]]));
const post = but(":method", "POST");
const connectTo = (protocol: string): Pair[] => [...but(":method", "CONNECT"), [":protocol", protocol]];
/** Ends its headers, and the stream too where flags say nothing else. */
const head = (pairs: Pair[], flags = 5, stream = 1): Buffer => frame(type.headers, flags, stream, fields(...pairs));
const data = (text: string, flags = 1): Buffer => frame(type.data, flags, 1, Buffer.from(text));
const settings = frame(type.settings, 0, 0);

/** What is said to stream 1, and to the connection, with a good request and a ping behind it. */
async function told(...pieces: Buffer[]): Promise<Heard & { answer: string }> {
  came.length = 0;
  const behind = [head(get, 5, 101), frame(type.ping, 0, 0, Buffer.alloc(8))];
  const over = ({ goaway, resets, bodies }: Heard): boolean =>
    goaway !== undefined || (bodies.has(101) && (resets.has(1) || bodies.has(1)));
  const heard = await listen(port, [settings, ...pieces, ...behind], over);
  return { ...heard, answer: heard.bodies.get(1) ?? "" };
}

describe("what is malformed ends its stream, and nothing else", () => {
  it.each<[string, ...Buffer[]]>([
    ["a pseudo-header behind a header", head([method, ["x", "y"], scheme, path, authority] as Pair[])],
    ["no :method", head(but(":method"))],
    ["no :scheme", head(but(":scheme"))],
    ["no :path", head(but(":path"))],
    ["two :method", head([...get, [":method", "GET"]])],
    ["two :path", head([...get, [":path", "/b"]])],
    ["two :scheme", head([...get, [":scheme", "http"]])],
    ["two :authority", head([...get, [":authority", "b"]])],
    ["a pseudo-header that there is not", head([...get, [":foo", "b"]])],
    ["one of responses", head([...get, [":status", "200"]])],
    ["an empty :path", head(but(":path", ""))],
    ["a :path with a line in it", head(but(":path", "/a\r\nx: y"))],
    ["no authority at all", head(but(":authority"))],
    ["an authority with a user", head(but(":authority", "u@a"))],
    ["Connection", head([...get, ["connection", "close"]])],
    ["Keep-Alive", head([...get, ["keep-alive", "x"]])],
    ["Proxy-Connection", head([...get, ["proxy-connection", "x"]])],
    ["Transfer-Encoding", head([...get, ["transfer-encoding", "chunked"]])],
    ["Upgrade", head([...get, ["upgrade", "websocket"]])],
    ["TE of more than trailers", head([...get, ["te", "trailers, gzip"]])],
    ["a name in capitals", head([...get, ["X-Y", "z"]])],
    ["CONNECT with a path", head(but(":method", "CONNECT"), 4)],
    ["a protocol without CONNECT", head([...get, [":protocol", "websocket"]])],
    ["two lengths", head([...post, ["content-length", "3"], ["content-length", "3"]], 4), data("abc")],
    ["a list of lengths", head([...post, ["content-length", "3, 3"]], 4), data("abc")],
    ["a length with a sign", head([...post, ["content-length", "+3"]], 4), data("abc")],
    ["a length that no number holds", head([...post, ["content-length", "99999999999999999999"]], 4), data("abc")],
    ["less than the length", head([...post, ["content-length", "5"]], 4), data("abc")],
    ["nothing of the length", head([...post, ["content-length", "5"]])],
    ["more than the length", head([...post, ["content-length", "2"]], 4), data("abc")],
    ["more than the length, later", head([...post, ["content-length", "3"]], 4), data("ab", 0), data("cd")],
    ["trailers with a pseudo-header", head(post, 4), data("abc", 0), head([[":method", "GET"]])],
    ["trailers that do not end it", head(post, 4), data("abc", 0), head([["x-t", "1"]], 4)],
  ])("%s", async (_name, ...pieces) => {
    const { resets, goaway, bodies } = await told(...pieces);
    expect([resets.get(1), goaway, bodies.get(101)]).toEqual([1, undefined, "[]"]);
    // Whoever was asked already heard no end of it.
    expect(came.every(({ headers }) => headers.length === 0)).toBe(true);
  });

  it("too many fields, and few that are many once they are read", async () => {
    const many = Array.from({ length: 300 }, (_, index): Pair => [`x${index}`, "y"]);
    expect((await told(head([...get, ...many]))).resets.get(1)).toBe(11);
    // A field of 4000 bytes in the table, and 4000 times a byte that means it.
    const entry = Buffer.concat([Buffer.of(0x40, 1, 0x61, 0x7f, 0xa1, 0x1e), Buffer.alloc(4000, 0x62)]);
    const bomb = frame(type.headers, 5, 1, Buffer.concat([fields(...get), entry, Buffer.alloc(4000, 0xbe)]));
    const { resets, bodies } = await told(bomb);
    expect([resets.get(1), bodies.get(101)]).toEqual([11, "[]"]);
  });
});

describe("what breaks the connection ends it", () => {
  it.each<[string, number, ...Buffer[]]>([
    ["DATA on an idle stream", 1, data("x")],
    ["DATA on a closed stream", 5, head(get), data("x")],
    ["a second head on a closed stream", 5, head(get), head(get)],
    ["a stream of a server's number", 1, head(get, 5, 2)],
    ["PUSH_PROMISE", 1, frame(type.promise, 4, 1, Buffer.concat([word(2), fields(...get)]))],
    ["RST_STREAM on an idle stream", 1, frame(type.reset, 0, 1, word(8))],
    ["a window that grows by nothing", 1, frame(type.window, 0, 0, word(0))],
    ["a window that grows too large", 3, frame(type.window, 0, 0, word(0x7fffffff))],
    ["a first window that is too large", 3, frame(type.settings, 0, 0, setting(4, 0x80000000))],
    ["a frame size that is too small", 1, frame(type.settings, 0, 0, setting(5, 16383))],
    ["ENABLE_PUSH of two", 1, frame(type.settings, 0, 0, setting(2, 2))],
    ["half a setting", 6, frame(type.settings, 0, 0, Buffer.alloc(5))],
    ["SETTINGS on a stream", 1, frame(type.settings, 0, 1)],
    ["PING of seven bytes", 6, frame(type.ping, 0, 0, Buffer.alloc(7))],
    ["CONTINUATION without a head", 1, frame(type.continuation, 4, 1, fields(...get))],
    [
      "another frame within a head",
      1,
      frame(type.headers, 1, 1, fields(...get)),
      frame(type.ping, 0, 0, Buffer.alloc(8)),
    ],
    ["more padding than there is", 1, head(post, 4), frame(type.data, 9, 1, Buffer.of(5, 1, 2))],
    ["a frame that is too long", 6, head(post, 4), frame(type.data, 1, 1, Buffer.alloc(16385))],
    ["an index that means nothing", 9, frame(type.headers, 5, 1, Buffer.of(0x80))],
    ["a table larger than agreed", 9, frame(type.headers, 5, 1, Buffer.of(0x3f, 0xff, 0xff, 0x7f))],
    ["a head that is cut", 9, frame(type.headers, 5, 1, fields(...get).subarray(0, 30))],
  ])("%s", async (_name, code, ...pieces) => {
    expect((await told(...pieces)).goaway).toBe(code);
    const { bodies } = await told(head(get));
    expect(bodies.get(1)).toBe("[]");
  });

  it("bodies longer than their length, many times", async () => {
    const wrong = (stream: number): Buffer[] => [
      head([...post, ["content-length", "1"]], 4, stream),
      frame(type.data, 1, stream, Buffer.from("ab")),
    ];
    const pieces = Array.from({ length: 300 }, (_, index) => wrong(2 * index + 1)).flat();
    const { closed, goaway } = await listen(port, [settings, ...pieces], () => false, 3000);
    expect(closed || goaway !== undefined).toBe(true);
  });
});

describe("what is allowed, or is our own rule", () => {
  it.each<[string, string, ...Buffer[]]>([
    ["TE: trailers", "[]", head([...get, ["te", "trailers"]])],
    [
      "a head in two frames",
      "[]",
      frame(type.headers, 1, 1, fields(...get)),
      frame(type.continuation, 4, 1, fields(["x", "y"])),
    ],
    ["padding", "[a]", head([...post, ["content-length", "1"]], 4), frame(type.data, 9, 1, Buffer.of(2, 0x61, 0, 0))],
    [
      "frames and settings that nobody knows",
      "[]",
      frame(0xff, 0, 0),
      frame(type.settings, 0, 0, setting(0xf0, 7)),
      head(get),
    ],
    ["a path with a fragment", "request-malformed", head(but(":path", "/a#b"))],
    ["a Host beside another :authority", "request-malformed", head([...get, ["host", "b"]])],
    ["a method in small letters", "request-malformed", head(but(":method", "get"))],
    [
      "CONNECT to elsewhere",
      "method-refused",
      head(
        [
          [":method", "CONNECT"],
          [":authority", "b:443"],
        ],
        4,
      ),
    ],
    ["another protocol than WebSocket", "method-refused", head(connectTo("connect-udp"), 4)],
  ])("%s", async (_name, answer, ...pieces) => {
    const heard = await told(...pieces);
    expect([heard.answer, heard.goaway, heard.bodies.get(101)]).toEqual([answer, undefined, "[]"]);
  });

  it("a tunnel whose client ends its side with the request is one all the same", async () => {
    await told(head(connectTo("websocket")));
    const [request] = came;
    expect(request?.upgrade?.protocol).toBe("websocket");
    expect(isStream(request?.upgrade?.stream)).toBe(true);
    expect(await request?.upgrade?.stream.read()).toBeUndefined();
  });
});
