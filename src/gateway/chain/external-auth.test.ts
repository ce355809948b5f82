import { expect, it } from "vitest";
import { isStream, keepPiece, returnPiece, type HttpRequest } from "../../foundation/http/index.ts";
import { BodyQueue } from "../../foundation/http/queue.ts";
import { readAhead } from "./external-auth.ts";

it("what is asked with stays, whoever has read the body again and given it back", async () => {
  const body = new BodyQueue({ highWater: 1e6 });
  body.push(keepPiece(Buffer.alloc(50_000, 1)));
  body.end();
  const request: HttpRequest = { method: "POST", scheme: "http", authority: "a", target: "/", headers: [], body };
  const ahead = await readAhead(request, 1e6);
  if (!isStream(request.body)) throw new Error("no stream");
  const again = await request.body.read();
  expect(again).toHaveLength(50_000);
  returnPiece(again!);
  // Of somebody else.
  keepPiece(Buffer.alloc(50_000, 2));
  expect(ahead.every((byte) => byte === 1)).toBe(true);
});
