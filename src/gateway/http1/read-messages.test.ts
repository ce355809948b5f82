import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enter } from "../chain/entry.ts";
import { OnwardRequest, type HttpRequest, type HttpResponse } from "../../foundation/http/index.ts";
import { readRequestHead } from "../listener/http1/head.ts";
import { readHead } from "../upstream/http1/head.ts";
import { draftResponse, writeResponseHead } from "../listener/http1/response.ts";
import { draftHead, mayPass, writeHead } from "../upstream/http1/request.ts";
import { draft } from "../wire/draft.ts";
import { Edits } from "./edits.ts";
import type { Lent } from "./head-lines.ts";
import { withoutHopByHop } from "./hop-by-hop.ts";
import { kindOf, kinds } from "./known-names.ts";
import { editRequest, ReadRequest, Whence } from "./read-request.ts";
import { editResponse, ReadResponse, withHeaders } from "./read-response.ts";

const exchange = () => ({ remoteAddress: "10.0.0.1", id: "r-1" });
/** Headers that nobody has to ask for. */
const never = {
  get list(): string[] {
    throw new Error("somebody asked");
  },
  unchanged: undefined,
};
const rules = { identity: new Set<string>(), plainNames: false };

function readRequest(text: string, lent?: Lent): ReadRequest {
  const bytes = Buffer.from(text, "latin1");
  if (lent !== undefined) bytes.copy(lent.bytes);
  const head = readRequestHead(lent?.bytes ?? bytes, bytes.length, 100, lent);
  if (head === undefined) throw new Error("it has no end");
  return new ReadRequest(head, new Whence("10.0.0.1", "http"), undefined, undefined);
}

function plainOf(request: HttpRequest): HttpRequest {
  const { method, scheme, authority, target, headers, body } = request;
  return { method, scheme, authority, target, headers: [...headers], body };
}

const kind = (name: string): number => kindOf(Buffer.from(name, "latin1"), 0, name.length);
const made = (): string => Buffer.from(draft.made).toString("latin1");
/** The lines of a head, sorted: those that we write ourselves have no fixed place. */
const sorted = (head: string): string[] =>
  head
    .toLowerCase()
    .split("\r\n")
    .map((line) => line.replace(/:[ \t]*/, ": ").trim())
    .toSorted();

describe("the kind of a name", () => {
  it.each([
    ["Host", kinds.host],
    ["CONTENT-length", kinds.contentLength],
    ["Content_Length", kinds.disguised],
    ["Content1Length", kinds.disguised],
    ["ContentxLength", kinds.other],
    ["Transfer.Encoding", kinds.disguised],
    ["Transfer-Encoding", kinds.transferEncoding],
    ["X-Forwarded-For", kinds.origin],
    ["x_forwarded.proto", kinds.origin],
    ["x-forwarded-", kinds.other],
    ["x1forwarded-for", kinds.other],
    ["xxforwarded-for", kinds.other],
    ["X_Real_IP", kinds.origin],
    ["X-Real1IP", kinds.other],
    ["keep_alive", kinds.other],
    ["Keep-Alive", kinds.hop],
    ["HTTP2-Settings", kinds.hop],
    ["x", kinds.other],
    ["x".repeat(5000), kinds.other],
  ])("%s", (name, expected) => {
    expect(kind(name)).toBe(expected);
  });
});

const names = fc.constantFrom(
  ..."X-A X_A Accept Cookie Via Proxy Forwarded x_forwarded_for X-Real.IP TE Keep-Alive x-for Upgrade".split(" "),
  ..."HTTP2-Settings X-Request-Id Connection Content-Length Expect Date".split(" "),
);
const lines = fc.array(fc.tuple(names, fc.constantFrom("a", "1", "keep-alive", "x-a", "100-continue", " ", "\xff")), {
  maxLength: 8,
});
const asText = (pairs: [string, string][]): string => pairs.map(([name, value]) => `${name}: ${value}\r\n`).join("");

describe("a request that goes on as it was read", () => {
  it("says what one does whose headers are an array", () => {
    fc.assert(
      fc.property(lines, fc.boolean(), fc.boolean(), (pairs, late, plainNames) => {
        const lent: Lent = { bytes: Buffer.alloc(4096), turn: 0 };
        let read: ReadRequest;
        try {
          read = readRequest(`GET /a?b HTTP/1.1\r\nHost: one.example\r\n${asText(pairs)}\r\n`, lent);
        } catch {
          return;
        }
        const plain = plainOf(read);
        let passed = readRequest(`GET /a?b HTTP/1.1\r\nHost: one.example\r\n${asText(pairs)}\r\n`, lent);
        for (const request of [plain, read, passed]) enter(request, exchange(), { ...rules, plainNames });
        if (late) lent.turn++;
        expect(read.headers).toEqual(plain.headers);
        if (passed.untouched) passed = passed.onward(new OnwardRequest("GET", "/a?b", undefined, never, passed));
        const expected = sorted(writeHead(plain).head ?? "");
        expect(sorted(writeHead(passed).head ?? "")).toEqual(expected);
        if (late || !passed.untouched) return;
        draftHead(passed);
        expect(sorted(made())).toEqual(expected);
      }),
    );
  });

  it("goes on behind a middleware as what that asks for, and is what it was itself", () => {
    const read = readRequest("PUT /a HTTP/1.1\r\nHost: one.example\r\nContent-Length: 2\r\nX-A: 1\r\n\r\n");
    enter(read, exchange(), { ...rules, plainNames: true });
    editRequest(read, new Edits(["x-a"], ["x-b", "2"]));
    const onward = read.onward(new OnwardRequest("POST", "/b", "body", never, read));
    editRequest(onward, new Edits([], ["x-c", "3"]));
    draftHead(onward);
    expect(made()).toMatch(/^POST \/b HTTP\/1\.1\r\nHost: one\.example\r\nx-forwarded-for: 10\.0\.0\.1\r\n/);
    expect(made()).toMatch(/x-b: 2\r\nx-c: 3\r\ncontent-length: 4\r\n\r\nbody$/);
    expect([read.method, read.target, read.headers.includes("x-c")]).toEqual(["PUT", "/a", false]);
  });

  it("is written anew where a filter changed what it asks for", () => {
    const read = readRequest("GET /a HTTP/1.1\r\nHost: one.example\r\nX-A: 1\r\n\r\n");
    enter(read, exchange(), rules);
    read.target = "/b";
    draftHead(read);
    expect(made()).toMatch(/^GET \/b HTTP\/1\.1\r\nHost: one\.example\r\nX-A: 1\r\n/);
    read.authority = "two.example";
    draftHead(read);
    expect(made()).toMatch(/^GET \/b HTTP\/1\.1\r\nhost: two\.example\r\nX-A: 1\r\n/);
    // Where it came from stays what it was.
    expect(made()).toContain("x-forwarded-host: one.example\r\n");
    read.headers = ["x-b", "2"];
    expect(read.untouched).toBe(false);
    expect(writeHead(read).head).toBe("GET /b HTTP/1.1\r\nhost: two.example\r\nx-b: 2\r\n\r\n");
  });

  it("never lets a line end out that a filter put there", () => {
    const read = readRequest("GET /a HTTP/1.1\r\nHost: one.example\r\n\r\n");
    enter(read, exchange(), rules);
    read.target = "/b HTTP/1.1\r\nX: y\r\n";
    expect(() => draftHead(read)).toThrow(/line end/);
  });
});

const named = fc.constantFrom(
  "X-A",
  "x-a",
  "Cookie",
  "x-new",
  "X_A",
  "X-For",
  "X-Request-Id",
  "Date",
  "Connection",
  "Host",
  "Via",
);
const edits = fc
  .array(
    fc.record({
      dropped: fc.array(named, { maxLength: 3 }),
      appended: fc.array(fc.tuple(named, fc.constantFrom("1", "new", "")), { maxLength: 2 }),
    }),
    { maxLength: 3 },
  )
  .map((list) => list.map(({ dropped, appended }) => new Edits(dropped, appended.flat())));
/** The lines of a head, in their order: edits have a place. */
const ordered = (head: string): string[] =>
  head.split("\r\n").map((line) =>
    line
      .replace(/^[^:]*/, (name) => name.toLowerCase())
      .replace(/:[ \t]*/, ": ")
      .trim(),
  );

describe("edited headers", () => {
  it("are those of a request whose headers are an array, however it goes on", () => {
    fc.assert(
      fc.property(lines, edits, fc.boolean(), fc.boolean(), (pairs, list, late, asked) => {
        const lent: Lent = { bytes: Buffer.alloc(4096), turn: 0 };
        const text = `GET /a?b HTTP/1.1\r\nHost: one.example\r\n${asText(pairs)}\r\n`;
        let plain: HttpRequest;
        try {
          plain = plainOf(readRequest(text));
        } catch {
          return;
        }
        const read = readRequest(text, lent);
        for (const request of [plain, read]) {
          enter(request, exchange(), rules);
          for (const [at, one] of list.entries()) {
            if (asked && at === 1) void request.headers;
            editRequest(request, one);
          }
        }
        if (late) lent.turn++;
        const expected = ordered(writeHead(plain).head ?? "").toSorted();
        expect(ordered(writeHead(read).head ?? "").toSorted()).toEqual(expected);
        if (mayPass(read)) {
          draftHead(read);
          expect(ordered(made()).toSorted()).toEqual(expected);
        }
        expect(read.headers).toEqual(plain.headers);
      }),
    );
  });

  it("are those of a response whose headers are an array, however it goes on", () => {
    fc.assert(
      fc.property(lines, edits, fc.boolean(), fc.boolean(), (pairs, list, added, asked) => {
        const rest = pairs.filter(([name]) => !["Content-Length", "Connection"].includes(name));
        const text = `HTTP/1.1 200 OK\r\n${asText(rest)}Content-Length: 5\r\n\r\nhello`;
        const bytes = Buffer.from(text, "latin1");
        const response = (): ReadResponse => {
          const head = readHead(bytes, bytes.length, "GET", undefined);
          if (head === undefined) throw new Error("it has no end");
          return new ReadResponse(head, "", { bytes, begin: head.lines.end, end: bytes.length });
        };
        const change = (from: HttpResponse): HttpResponse => {
          let changed = from;
          for (const [at, one] of list.entries()) {
            if (asked && at === 1) void changed.headers;
            if (added && at === 1) changed = withHeaders(changed, ["x-new", "more"]);
            changed = editResponse(changed, one);
          }
          return changed;
        };
        const { status, headers, body } = response();
        const plain = change({ status, headers, body });
        const read = change(response());
        const request = { method: "GET", old: false };
        const write = (of: HttpResponse): string[] => ordered(writeResponseHead(of, request, false).text).toSorted();
        const dateless = (all: string[]): string[] => all.filter((line) => !line.startsWith("date: "));
        expect(dateless(write(read))).toEqual(dateless(write(plain)));
        expect(write(read).length).toBe(write(plain).length);
        if (draftResponse(read, request, false)) {
          const [head = ""] = made().split("\r\n\r\n");
          expect(dateless(ordered(`${head}\r\n\r\n`).toSorted())).toEqual(dateless(write(plain)));
        }
        expect(read.headers).toEqual(plain.headers);
      }),
    );
  });
});

describe("a response that goes on as it was read", () => {
  const lent: Lent = { bytes: Buffer.alloc(4096), turn: 0 };
  const read = (text: string): ReadResponse => {
    const length = lent.bytes.write(text, "latin1");
    lent.turn++;
    const head = readHead(lent.bytes, length, "GET", lent);
    if (head === undefined) throw new Error("it has no end");
    return new ReadResponse(head, "", { bytes: lent.bytes, begin: head.lines.end, end: length });
  };

  it("has no line that ends at this hop, and says its length once", () => {
    fc.assert(
      fc.property(lines, (pairs) => {
        const rest = pairs.filter(([name]) => !["Content-Length", "Connection"].includes(name));
        const response = read(`HTTP/1.1 200 OK\r\n${asText(rest)}Content-Length: 5\r\nKeep-Alive: 3\r\n\r\nhello`);
        response.copy(draft, "HTTP/1.1 200 OK\r\n", "x-added: 1\r\n", response.bodyBytes!);
        const [head = "", body] = made().split("\r\n\r\n");
        const kept = withoutHopByHop(rest.flatMap(([name, value]) => [name, value.trim()]));
        const wanted = kept.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${kept[at + 1]}`] : []));
        const all = ["HTTP/1.1 200 OK", ...wanted, "content-length: 5", "x-added: 1"].join("\r\n");
        expect(sorted(head)).toEqual(sorted(all));
        expect(body).toBe("hello");
      }),
    );
  });

  it.each([
    ["another reason", "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nok"],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"],
    ["a length with noughts", "HTTP/1.1 200 OK\r\nContent-Length: 002\r\n\r\nok"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"],
  ])("begins and is framed as we do it: %s", (_name, text) => {
    const response = read(text);
    response.copy(draft, "HTTP/1.1 200 OK\r\n", "", response.bodyBytes!);
    expect(made().toLowerCase()).toBe("http/1.1 200 ok\r\ncontent-length: 2\r\n\r\nok");
  });

  it("says more where it is told to, as text, as headers and in the draft", () => {
    const response = read("HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok");
    withHeaders(response, ["x-b", "2"]);
    expect(response.text()).toBe("X-A: 1\r\nx-b: 2\r\n");
    response.copy(draft, "HTTP/1.1 200 OK\r\n", "", response.bodyBytes!);
    expect(made()).toBe("HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\nx-b: 2\r\n\r\nok");
    expect(response.headers).toEqual(["X-A", "1", "Content-Length", "2", "x-b", "2"]);
    withHeaders(response, ["x-c", "3"]);
    expect(response.headers.slice(6)).toEqual(["x-c", "3"]);
    expect(response.untouched).toBe(true);
    // What must not go out is left to who writes headers one by one, and refuses it.
    withHeaders(response, ["x-d", "4\r\nx-e: 5"]);
    expect(response.untouched).toBe(false);
  });

  it("lasts where it is kept, and is what it was", () => {
    const response = read("HTTP/1.1 200 OK\r\nX-A: \xff\r\nContent-Length: 2\r\n\r\nok");
    response.keep();
    read("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    expect(response.bodyBytes).toBeUndefined();
    expect(response.headers).toEqual(["X-A", "\xff", "Content-Length", "2"]);
    expect(response.text()).toBe("X-A: \xff\r\n");
    expect(response.body).toBe("ok");
  });
});
