import { describe, expect, it } from "vitest";
import { isStream, type HttpRequest } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { withoutEmpty } from "./content.ts";

const request = (method: string, body: HttpRequest["body"]): HttpRequest => {
  return { method, scheme: "http", authority: "a.example", target: "/", headers: ["x-a", "b"], body };
};

async function textOf({ body }: HttpRequest): Promise<string | undefined> {
  if (!isStream(body)) return undefined;
  let text = "";
  for (let piece = await body.read(); piece !== undefined; piece = await body.read()) text += String(piece);
  return text;
}

describe("a request whose body may be empty", () => {
  it("has none where its end comes soon, or is there", async () => {
    const [ended, soon] = [new BodyQueue({}), new BodyQueue({})];
    ended.end();
    expect(withoutEmpty(request("GET", ended))).toEqual(request("GET", undefined));
    const ready = withoutEmpty(request("DELETE", soon));
    soon.end([]);
    expect(await ready).toEqual(request("DELETE", undefined));
  });

  it("has it where something comes, or trailers", async () => {
    const [pieces, trailers] = [new BodyQueue({}), new BodyQueue({})];
    const [one, other] = [withoutEmpty(request("GET", pieces)), withoutEmpty(request("GET", trailers))];
    pieces.push(Buffer.from("some "));
    trailers.end(["x-checksum", "1"]);
    const { body } = await other;
    expect([isStream(body) && body.trailers, await textOf(await other)]).toEqual([["x-checksum", "1"], ""]);
    pieces.push(Buffer.from("thing"));
    pieces.end();
    expect(await textOf(await one)).toBe("some thing");
  });

  it("goes without waiting for who writes only once the answer is there", async () => {
    const late = new BodyQueue({});
    const ready = await withoutEmpty(request("GET", late));
    setTimeout(() => (late.push(Buffer.from("late")), late.end()), 5);
    expect(await textOf(ready)).toBe("late");
  });

  it("is told of a body that breaks by reading it", async () => {
    const [broken, breaks] = [new BodyQueue({}), new BodyQueue({})];
    broken.fail(new Error("broke"));
    await expect(Promise.resolve(withoutEmpty(request("GET", broken)))).rejects.toThrow("broke");
    const ready = withoutEmpty(request("GET", breaks));
    breaks.fail(new Error("broke"));
    await expect(textOf(await ready)).rejects.toThrow("broke");
  });

  it("is as it was where a body is usual, or its length is known", () => {
    const queue = new BodyQueue({});
    for (const each of [request("POST", queue), request("GET", new BodyQueue({ length: 3 })), request("GET", "text")])
      expect(withoutEmpty(each)).toBe(each);
  });
});
