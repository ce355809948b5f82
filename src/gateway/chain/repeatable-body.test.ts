import { expect, it } from "vitest";
import type { BodyStream } from "../../foundation/http/index.ts";
import { BodyQueue } from "../../foundation/http/queue.ts";
import { RepeatableBody } from "./repeatable-body.ts";

async function text(body: BodyStream): Promise<string> {
  let all = "";
  for (let piece = await body.read(); piece !== undefined; piece = await body.read()) {
    all += Buffer.from(piece).toString();
  }
  return all;
}

it("is read from its beginning as often as it is opened, with its trailers", async () => {
  const source = new BodyQueue({});
  for (const piece of ["a", "b", "c"]) source.push(Buffer.from(piece));
  source.end(["x-sum", "1"]);
  const body = new RepeatableBody(source);
  for (let turn = 0; turn < 3; turn++) {
    const stream = body.open();
    expect(await text(stream)).toBe("abc");
    expect(stream.trailers).toEqual(["x-sum", "1"]);
  }
});

it("loses no piece to a try that failed while it waited for one", async () => {
  const source = new BodyQueue({});
  const body = new RepeatableBody(source);
  const first = body.open();
  source.push(Buffer.from("a"));
  expect(Buffer.from((await first.read()) ?? []).toString()).toBe("a");
  const waiting = first.read();
  first.cancel();
  const second = text(body.open());
  source.push(Buffer.from("b"));
  source.end();
  expect(await second).toBe("ab");
  await waiting;
});

it("is not repeatable once more was read than is kept, and still read to its end", async () => {
  const source = new BodyQueue({ highWater: 1e9 });
  for (let count = 0; count < 10; count++) source.push(Buffer.alloc(20_000, "x"));
  source.end();
  const body = new RepeatableBody(source);
  expect(body.repeatable).toBe(true);
  expect((await text(body.open())).length).toBe(200_000);
  expect(body.repeatable).toBe(false);
});

it("tells every reader that its source broke", async () => {
  const source = new BodyQueue({});
  const body = new RepeatableBody(source);
  const reading = text(body.open());
  source.fail(new Error("gone"));
  await expect(reading).rejects.toThrow("gone");
  await expect(text(body.open())).rejects.toThrow("gone");
});
