import { expect, it } from "vitest";
import type { BodyStream } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { HostFuture } from "../../async/index.ts";
import type { HttpError } from "../http/error-code.ts";
import { Fields } from "../http/fields.ts";
import { Response } from "./messages.ts";

class Told extends HostFuture<HttpError | undefined> {
  protected override put(): void {}
}

/** A response whose guest waits to be told how its body got through. */
function sent() {
  const queue = new BodyQueue({});
  const told = new Told({ size: 8, align: 8, plain: false });
  told.reader = { again: () => {} } as never;
  const said: (string | undefined)[] = [];
  told.onSettled((error) => said.push(error?.name));
  const response = new Response(new Fields([], false), queue, { sent: told, flaw: undefined });
  const seen: string[] = [];
  const sink = {
    take(piece: Buffer | undefined, last: boolean): boolean {
      seen.push(`${piece?.toString() ?? ""}${last ? "." : ""}`);
      return seen.length > 1;
    },
    fail: (error: unknown): void => void seen.push(String(error)),
  };
  return { queue, said, seen, sink, body: response.outgoing() as BodyStream };
}

it("a body that flows to its client tells the guest once it is through, and not in the middle of that", async () => {
  const { queue, said, seen, sink, body } = sent();
  expect(body.flow?.(sink)).toBe(true);
  queue.pushLent(Buffer.from("one"), false);
  queue.pushLent(Buffer.from("two"), true, ["x-sum", "1"]);
  expect(seen).toEqual(["one"]);
  body.goOn?.();
  body.cancel();
  expect([seen, body.trailers, said]).toEqual([["one", "two."], ["x-sum", "1"], []]);
  await Promise.resolve();
  expect(said).toEqual([undefined]);
});

it("a body that is read, or not wanted, tells the guest too", async () => {
  const one = sent();
  one.queue.push(Buffer.from("one"));
  one.queue.end();
  expect([await one.body.read(), one.said, await one.body.read(), one.said]).toEqual([
    Buffer.from("one"),
    [undefined],
    undefined,
    [undefined],
  ]);
  const other = sent();
  other.body.flow?.(other.sink);
  other.body.cancel("no");
  expect(other.said).toEqual(["connection-terminated"]);
});
