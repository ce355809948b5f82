import { describe, expect, it } from "vitest";
import { isInPlace, type BodyStream } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { StreamSource } from "./stream-source.ts";

const large = (fill: string): Buffer => Buffer.alloc(50_000, fill);
const turns = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** The same body, which can only be read. */
function unflowing(queue: BodyQueue): BodyStream {
  return {
    length: queue.length,
    get trailers() {
      return queue.trailers;
    },
    read: () => queue.read(),
    cancel: (reason) => queue.cancel(reason),
  };
}

describe.each([
  ["flows", (queue: BodyQueue): BodyStream => queue],
  ["is read", unflowing],
])("a body that %s", (way, streamOf) => {
  const open = () => {
    const seen: string[] = [];
    const cancelled: unknown[] = [];
    const queue = new BodyQueue({ onCancel: (reason) => cancelled.push(reason) });
    const source = new StreamSource(
      streamOf(queue),
      () => seen.push("ready"),
      () => seen.push("end"),
    );
    return { queue, source, seen, cancelled };
  };

  it("is asked for when the guest asks, one piece at a time, and tells when it came", async () => {
    const { queue, source, seen } = open();
    let asked = 0;
    const wanted = new BodyQueue({ onWait: () => asked++ });
    const idle = new StreamSource(streamOf(wanted), () => {});
    expect(asked).toBe(0);
    expect([idle.ready(), idle.ready(), asked]).toEqual([false, false, 1]);
    expect([source.ready(), source.take(9), source.available()]).toEqual([false, "", 0]);
    const lent = large("a");
    queue.pushLent(lent, false);
    lent.fill(0);
    queue.pushLent(Buffer.from("tail"), true, ["x-sum", "1"]);
    await turns();
    expect(seen[0]).toBe("ready");
    expect([source.ready(), source.available()]).toEqual([true, 50_000]);
    const first = Buffer.from(source.take(20_000) as Uint8Array);
    const rest = source.take(1 << 20) as Uint8Array;
    expect(source.lends).toBe(way === "flows");
    expect(Buffer.concat([first, rest]).equals(large("a"))).toBe(true);
    expect(Buffer.from(source.take(100) as Uint8Array).toString()).toBe("tail");
    expect([source.lends, source.take(100), source.failure]).toEqual([false, undefined, undefined]);
    expect(seen.filter((what) => what === "end")).toHaveLength(1);
  });

  it("that is there is taken at once, up to its end", () => {
    const { queue, source, seen } = open();
    queue.push(Buffer.from("one"));
    queue.push(new Uint8Array());
    queue.push(Buffer.from("two"));
    queue.end();
    const all: string[] = [];
    for (let piece = source.take(9); piece !== undefined; piece = source.take(9)) {
      all.push(Buffer.from(piece as Uint8Array).toString());
    }
    expect([all, seen, source.ready()]).toEqual([["one", "two"], ["end"], true]);
  });

  it("gives its place back for the next one", () => {
    const { queue, source } = open();
    queue.pushLent(large("a"), false);
    const first = source.take(1 << 20) as Uint8Array;
    expect(isInPlace(first)).toBe(true);
    expect(source.ready()).toBe(false);
    expect(isInPlace(first)).toBe(way !== "flows");
  });

  it("that breaks says why, once what came before is taken or nothing is there", async () => {
    const { queue, source, seen } = open();
    expect(source.ready()).toBe(false);
    queue.fail(new Error("broken"));
    await turns();
    expect(seen).toEqual(["end", "ready"]);
    expect([source.take(9), String(source.failure)]).toEqual([undefined, "Error: broken"]);
    const other = open();
    other.queue.push(Buffer.from("one"));
    expect(other.source.ready()).toBe(true);
    other.queue.fail(new Error("broken"));
    expect(Buffer.from(other.source.take(9) as Uint8Array).toString()).toBe("one");
    expect([other.source.take(9), String(other.source.failure)]).toEqual([undefined, "Error: broken"]);
  });

  it("that is not wanted is cancelled once, and tells nobody any more", async () => {
    const { queue, source, seen, cancelled } = open();
    queue.push(Buffer.from("one"));
    expect(source.ready()).toBe(true);
    source.close("no");
    source.close("again");
    queue.push(Buffer.from("two"));
    await turns();
    expect([cancelled, seen, source.take(9), source.failure]).toEqual([["no"], ["end"], undefined, undefined]);
  });
});
