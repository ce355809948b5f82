import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { isStream, keepPiece, type Body, type HttpRequest } from "../../foundation/http/index.ts";
import { BodyQueue } from "../../foundation/http/queue.ts";
import { Exchange } from "../listener/exchange.ts";
import { compileMirror } from "./mirror.ts";
import { Passage, type Stage } from "./passage.ts";

const request = (body: Body = undefined): HttpRequest => ({
  method: "POST",
  scheme: "http",
  authority: "a",
  target: "/",
  headers: ["x", "1"],
  body,
});
const passage = (): Passage => new Passage(new Exchange("", 0), 80, { type: "Exact", value: "/" });

async function read(body: Body): Promise<number> {
  if (!isStream(body)) return body?.length ?? 0;
  let size = 0;
  for (let piece = await body.read(); piece !== undefined; piece = await body.read()) size += piece.length;
  return size;
}

/** Reads all of a request, then answers. */
const reading =
  (sizes: number[]): Stage =>
  async ({ body }) => {
    sizes.push(await read(body));
    return { status: 200, headers: [], body: "" };
  };

describe("a mirror", () => {
  it("gets a copy that nobody changes afterwards", async () => {
    const got: HttpRequest[] = [];
    const target: Stage = (copy) => {
      got.push(copy);
      return { status: 200, headers: [], body: "" };
    };
    const next: Stage = (own) => {
      own.headers.push("y", "2");
      own.target = "/changed";
      return { status: 200, headers: [], body: "" };
    };
    await compileMirror(target, 1, next)(request("body"), passage());
    await sleep(5);
    expect(got.map(({ target: path, headers, body }) => [path, headers, body])).toEqual([["/", ["x", "1"], "body"]]);
  });

  it("that does not read breaks its copy only", async () => {
    const sizes: number[] = [];
    let failure: unknown;
    const stuck: Stage = async ({ body }) => {
      await sleep(50);
      await read(body).catch((error: unknown) => (failure = error));
      return { status: 200, headers: [], body: "" };
    };
    const source = new BodyQueue({ highWater: 1e9 });
    for (let count = 0; count < 100; count++) source.push(Buffer.alloc(50_000));
    source.end();
    await compileMirror(stuck, 1, reading(sizes))(request(source), passage());
    expect(sizes).toEqual([5_000_000]);
    await expect.poll(() => failure).toMatchObject({ code: "overloaded" });
  });

  it("lets go of nothing that the request still holds", async () => {
    const source = new BodyQueue({ highWater: 1e9 });
    for (let count = 0; count < 40; count++) source.push(keepPiece(Buffer.alloc(50_000, 1)));
    source.end();
    const held: Uint8Array[] = [];
    const slow: Stage = async ({ body }) => {
      if (!isStream(body)) throw new Error("no stream");
      for (let piece = await body.read(); piece !== undefined; piece = await body.read()) held.push(piece);
      return { status: 200, headers: [], body: "" };
    };
    const refusing: Stage = () => {
      throw new Error("nobody is there");
    };
    await compileMirror(refusing, 1, slow)(request(source), passage());
    await sleep(5);
    // Of somebody else.
    for (let count = 0; count < 100; count++) keepPiece(Buffer.alloc(50_000, 2));
    expect(held.filter((piece) => piece.some((byte) => byte !== 1))).toEqual([]);
  });

  it("sees that a request broke, and its own failures are nobody's", async () => {
    let failure: unknown;
    const target: Stage = async ({ body }) => {
      await read(body).catch((error: unknown) => (failure = error));
      throw new Error("a mirror's own");
    };
    const source = new BodyQueue({});
    const answer = Promise.resolve(compileMirror(target, 1, reading([]))(request(source), passage()));
    await sleep(5);
    source.fail(new Error("broke"));
    await expect(answer).rejects.toThrow("broke");
    await expect.poll(() => failure).toMatchObject({ message: "broke" });
  });

  it("that hangs gets no more than so many copies at once", async () => {
    let copies = 0;
    const hanging: Stage = () => {
      copies++;
      return new Promise(() => {});
    };
    const stage = compileMirror(hanging, 1, () => ({ status: 200, headers: [], body: "" }));
    for (let count = 0; count < 400; count++) await stage(request(), passage());
    await sleep(5);
    expect(copies).toBe(256);
  });

  it("gets its share", async () => {
    let copies = 0;
    let turn = 0;
    const target: Stage = () => {
      copies++;
      return { status: 200, headers: [], body: "" };
    };
    const random = (): number => (turn++ % 10) / 10;
    const stage = compileMirror(target, 0.3, () => ({ status: 200, headers: [], body: "" }), random);
    for (let count = 0; count < 100; count++) await stage(request(), passage());
    await sleep(5);
    expect(copies).toBe(30);
  });
});
