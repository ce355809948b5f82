import { describe, expect, it } from "vitest";
import type { BodySink } from "../../../foundation/http/index.ts";
import { Backlog } from "./backlog.ts";
import { Content } from "./content.ts";
import { httpErrorOf } from "./error-code.ts";

const writer = { notify: () => {}, wrote: () => {} };
const told = { name: "HTTP-request-body-size", size: 18 };

it("a body that is longer than was said tells how long it is, to who writes it and to who finishes it", () => {
  const content = new Content(11, writer, "HTTP-request-body-size");
  content.write(Buffer.from("more than 11 bytes"));
  expect(httpErrorOf(content.failure)).toEqual(told);
  expect([content.room(), content.finish(undefined), content.finished]).toEqual([undefined, 18, false]);
});

it("a body that is shorter than was said tells how long it is", () => {
  const content = new Content(11, writer);
  content.write(Buffer.from("msg"));
  expect([content.finish(undefined), content.finished]).toEqual([3, false]);
});

it("a body that needs not be there may be shorter than was said, and no longer", () => {
  const [none, more] = [new Content(11, writer), new Content(2, writer)];
  none.mayBeShort = more.mayBeShort = true;
  expect([none.finish(undefined), none.finished, none.whole()]).toEqual([undefined, true, undefined]);
  more.write(Buffer.from("msg"));
  expect(more.finish(undefined)).toBe(3);
});

it("a body with trailers is read to its end, where they are", () => {
  const content = new Content(undefined, writer);
  content.write(Buffer.from("msg"));
  content.finish(["x-sum", "3"]);
  expect(content.outgoing()).toBe(content);
  expect([Buffer.from(content.read() as Uint8Array).toString(), content.read(), content.trailers]).toEqual([
    "msg",
    undefined,
    ["x-sum", "3"],
  ]);
  const bare = new Content(undefined, writer);
  bare.finish([]);
  expect(bare.outgoing()).toBeUndefined();
});

it("a body that is as long as was said, or said nothing, is finished", () => {
  for (const length of [3, undefined]) {
    const content = new Content(length, writer);
    content.write(Buffer.from("msg"));
    expect([content.finish(undefined), content.finished, content.whole()]).toEqual([undefined, true, "msg"]);
  }
});

it("a body that stays among components of one may have any length, until it leaves them", () => {
  const longer = new Content(3, writer);
  longer.stays();
  longer.write(Buffer.from("hello"));
  expect([longer.finish(undefined), longer.finished]).toEqual([undefined, true]);
  longer.leaves();
  expect([longer.finished, httpErrorOf(longer.failure)]).toEqual([false, { name: "HTTP-response-body-size", size: 5 }]);
  const shorter = new Content(9, writer);
  shorter.stays();
  shorter.write(Buffer.from("hello"));
  shorter.leaves();
  expect([shorter.failure, shorter.finish(undefined)]).toEqual([undefined, 5]);
});

describe("a body that flows", () => {
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  const open = (rooms: boolean[] = [], length?: number) => {
    const seen: string[] = [];
    let notified = 0;
    const content = new Content(length, { notify: () => notified++, wrote: (bytes) => seen.push(`+${bytes}`) });
    const sink: BodySink = {
      take(piece, last) {
        seen.push(piece === undefined ? "" : piece.length > 20 ? String(piece.length) : piece.toString());
        if (last) seen.push("end");
        return rooms.shift() ?? true;
      },
      fail: (error) => void seen.push(String(error)),
    };
    return { content, sink, seen, notified: () => notified };
  };

  it("goes to its sink in the stack in which it is written, what waited first", () => {
    const { content, sink, seen } = open();
    content.write(Buffer.from("first"));
    content.flow(sink);
    const lent = Buffer.alloc(100_000, "x");
    content.write(lent);
    content.write(lent.subarray(0, 5000) as Buffer, true);
    expect(seen).toEqual(["+5", "first", "+100000", "65536", "34464", "5000"]);
    content.finish(["x-sum", "1"]);
    expect([seen.slice(6), content.trailers, content.room()]).toEqual([["", "end"], ["x-sum", "1"], undefined]);
  });

  it("has small writes of one turn put together, and the end with them", async () => {
    const { content, sink, seen } = open();
    content.flow(sink);
    for (const part of ["a", "b", "c"]) content.write(Buffer.from(part), true);
    expect(seen).toEqual([]);
    await turn();
    content.write(Buffer.from("d"), true);
    content.finish(undefined);
    await turn();
    expect(seen.join("")).toBe("abcdend");
    expect(seen.slice(-2)).toEqual(["d", "end"]);
  });

  it("waits where its sink has no room, in copies, until it has", () => {
    const { content, sink, seen, notified } = open([false, true, false]);
    content.flow(sink);
    const lent = Buffer.alloc(70_000, "x");
    content.write(lent, true);
    lent.fill("y");
    expect([seen, content.room()]).toEqual([["65536"], (128 << 10) - 4464]);
    content.write(lent, true);
    expect(content.room()).toBe((128 << 10) - 74_464);
    const before = notified();
    content.goOn();
    expect([seen.length, notified()]).toEqual([3, before + 1]);
    content.finish(undefined);
    content.goOn();
    expect([seen.at(-1), content.finished]).toEqual(["end", true]);
  });

  it("breaks for its sink after the call that broke it, and for who comes later", async () => {
    const { content, sink, seen } = open([], 3);
    content.flow(sink);
    content.write(Buffer.alloc(5000), true);
    expect(seen).toEqual([]);
    await turn();
    content.flow(sink);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toContain("longer than its content-length 3");
    expect(seen[1]).toBe(seen[0]);
  });

  it("goes no further where it is not wanted", async () => {
    const { content, sink, seen, notified } = open([false]);
    content.flow(sink);
    content.write(Buffer.alloc(5000), true);
    content.write(Buffer.alloc(5000), true);
    const before = notified();
    content.cancel();
    content.goOn();
    await turn();
    expect([seen, content.room(), content.unwanted, notified()]).toEqual([["5000"], undefined, true, before + 1]);
  });
});

it("short pieces that may be kept stand among others in order, and count like them", () => {
  let written = 0;
  const content = new Content(undefined, { notify: () => {}, wrote: (bytes) => (written += bytes) });
  content.keep(Buffer.from("a"));
  content.keep(Buffer.from("bc"));
  content.write(Buffer.from("d"));
  content.keep(Buffer.from("e"));
  content.finish(undefined);
  expect([written, content.outgoing()]).toEqual([5, "abcde"]);
  const alone = new Content(1, writer);
  alone.keep(Buffer.from("f"));
  alone.finish(undefined);
  expect(alone.outgoing()).toEqual(Buffer.from("f"));
  const short = new Content(1, writer);
  short.keep(Buffer.from("gh"));
  expect(httpErrorOf(short.failure)).toEqual({ name: "HTTP-response-body-size", size: 2 });
});

it("holds no more of all bodies of a request than fits into its backlog, and tells who found no room once there is some", async () => {
  const backlog = new Backlog();
  const told: number[] = [];
  const bodies = Array.from(
    { length: 33 },
    (_, i) => new Content(undefined, { notify: () => void told.push(i), wrote: () => {}, backlog }),
  );
  for (const body of bodies) body.write(Buffer.alloc(body.room()!));
  expect(backlog.room).toBe(0);
  expect(bodies.at(-1)!.room()).toBe(0);
  told.length = 0;
  // Who is read has room again, and so have others that asked.
  expect(bodies[0]!.read()).toHaveLength(128 << 10);
  await Promise.resolve();
  expect(told).toEqual(expect.arrayContaining([0, 32]));
  expect(bodies.at(-1)!.room()).toBe(128 << 10);
  for (const body of bodies) body.cancel();
  expect(backlog.room).toBe(4 << 20);
});
