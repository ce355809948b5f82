import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isStream, type Body, type HttpResponse } from "../../foundation/http/index.ts";
import { BodyQueue } from "../../foundation/http/queue.ts";
import { Exchange } from "../listener/exchange.ts";
import { Coders } from "./coders.ts";
import { withCompression } from "./compression.ts";
import { Passage } from "./passage.ts";

const type = ["content-type", "application/json"];

async function answer(response: HttpResponse): Promise<HttpResponse> {
  const stage = withCompression(["gzip"], new Coders(1024 ** 2), () => response);
  const headers = ["accept-encoding", "gzip"];
  const request = { method: "GET", scheme: "http", authority: "a", target: "/", headers, body: undefined } as const;
  const passage = new Passage(new Exchange("127.0.0.1", 0), 80, { type: "Exact", value: "/" });
  return stage({ ...request, headers }, passage);
}

async function bytes(body: Body): Promise<Buffer> {
  if (!isStream(body)) throw new Error("expected a stream");
  const pieces: Uint8Array[] = [];
  for (let piece = await body.read(); piece !== undefined; piece = await body.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("compression of bodies", () => {
  it("gives back what went in, in whatever pieces it came, with its trailers", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 10 }),
        async (pieces) => {
          const source = new BodyQueue({});
          const { body } = await answer({ status: 200, headers: type, body: source });
          const all = bytes(body);
          for (const piece of pieces) {
            source.push(Buffer.from(piece));
            await Promise.resolve();
          }
          source.end(["x-sum", "1"]);
          expect(gunzipSync(await all)).toEqual(Buffer.concat(pieces));
          expect((body as BodyQueue).trailers).toEqual(["x-sum", "1"]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("does not hold back what a backend wrote before it paused", async () => {
    const source = new BodyQueue({});
    const { body } = await answer({ status: 200, headers: type, body: source });
    source.push(Buffer.from('{"first":1}'));
    const stream = body as BodyQueue;
    let seen = Buffer.alloc(0);
    // The head of gzip comes by itself; the flush brings the piece.
    while (seen.length < 15) seen = Buffer.concat([seen, (await stream.read()) as Uint8Array]);
    source.end();
    const rest = await bytes(stream);
    expect(gunzipSync(Buffer.concat([seen, rest])).toString()).toBe('{"first":1}');
  });

  it("breaks where the source breaks, and stops it where nobody reads any more", async () => {
    const broken = new BodyQueue({});
    const { body } = await answer({ status: 200, headers: type, body: broken });
    const all = bytes(body);
    broken.fail(new Error("the backend died"));
    await expect(all).rejects.toThrow("the backend died");

    let cancelled = false;
    const left = new BodyQueue({ onCancel: () => (cancelled = true) });
    const unread = (await answer({ status: 200, headers: type, body: left })).body as BodyQueue;
    unread.cancel();
    expect(cancelled).toBe(true);
  });

  it("paces a fast source by its reader", async () => {
    let produced = 0;
    const endless = {
      length: undefined,
      trailers: undefined,
      cancel: () => {},
      read: () => ((produced += 16_384), Buffer.from(Array.from({ length: 16_384 }, () => Math.random() * 256))),
    };
    const { body } = await answer({ status: 200, headers: type, body: endless });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(produced).toBeLessThan(2_000_000);
    (body as BodyQueue).cancel();
  });

  it.each([
    ["none", undefined],
    ["an empty one", ""],
  ])("leaves %s as it is", async (_name, body) => {
    const response = { status: 200, headers: type, body };
    expect(await answer(response)).toBe(response);
  });
});
