import { createHash, type Hash } from "node:crypto";
import { expect, it } from "vitest";
import type { BodySink } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { StreamSource } from "../io/index.ts";
import { Content } from "./content.ts";

/** Numbers that look random, and are the same each time. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const later = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A client that has room or not, and keeps nothing but a sum of what it was lent. */
class Client implements BodySink {
  readonly sum: Hash = createHash("sha256");
  over = false;
  readonly #random: (below: number) => number;
  readonly #content: Content;

  constructor(content: Content, random: (below: number) => number) {
    this.#content = content;
    this.#random = random;
  }

  take(piece: Buffer | undefined, last: boolean): boolean {
    if (piece !== undefined) this.sum.update(piece);
    this.over ||= last;
    if (this.#random(3) > 0) return true;
    setImmediate(() => this.#content.goOn());
    return false;
  }

  fail(error: unknown): void {
    throw error;
  }
}

/** A body through two middlewares, each of which lets it through as it finds time for it. */
function passed(seed: number): { done: Promise<void>; sums: () => string[]; client: Client } {
  const random = chance(seed);
  const queue = new BodyQueue({});
  const sum = createHash("sha256");
  const pumps: (() => void)[] = [];
  const through = (source: StreamSource): Content => {
    let content: Content;
    const pump = (): void => {
      for (let room = content.room(); room !== undefined && room > 0; room = content.room()) {
        if (!source.ready()) return;
        const piece = source.take(Math.min(room, 1 + random(90_000)));
        if (piece === undefined) return void content.finish(undefined);
        if (source.lends) content.write(piece as Buffer, true);
        else content.push(piece);
      }
    };
    content = new Content(undefined, { notify: () => queueMicrotask(pump), wrote: () => {} });
    pumps.push(pump);
    return content;
  };
  const first = through(new StreamSource(queue, () => pumps[0]!()));
  const second = through(new StreamSource(first, () => pumps[1]!()));
  const client = new Client(second, random);
  const send = async (): Promise<void> => {
    const shared = Buffer.alloc(65_536);
    for (let pieces = 20 + random(20); pieces > 0; pieces--) {
      const length = random(4) === 0 ? random(200) : 1 + random(65_536);
      const piece = shared.subarray(0, length).fill(random(256));
      if (length > 0) piece.writeUInt8(random(256), random(length));
      sum.update(piece);
      queue.pushLent(piece, pieces === 1);
      if (random(3) === 0) await later();
    }
    for (let turns = 0; !client.over && turns < 1000; turns++) await later();
  };
  setImmediate(() => second.flow(client));
  for (const pump of pumps) pump();
  return { done: send(), sums: () => [sum.digest("hex"), client.sum.digest("hex")], client };
}

it("bodies that pass at the same time come out as they went in, however slow their readers are", async () => {
  const bodies = Array.from({ length: 40 }, (_, seed) => passed(seed * 7919 + 1));
  await Promise.all(bodies.map(({ done }) => done));
  expect(bodies.filter(({ client }) => !client.over)).toEqual([]);
  for (const { sums } of bodies) {
    const [sent, seen] = sums();
    expect(seen).toBe(sent);
  }
});
