import { expect, it } from "vitest";
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
