import { expect, test } from "vitest";
import type { HttpRequest } from "./message.ts";
import { OnwardRequest, type Headed } from "./onward.ts";

const request = (authority: string): HttpRequest => {
  return { method: "GET", scheme: "http", authority, target: "/", headers: ["x-of", authority], body: undefined };
};

test("a request goes on as it came only with the headers of the request in hand", () => {
  const [first, second] = [request("first.example"), request("second.example")];
  const onward = (unchanged: Headed | undefined): OnwardRequest =>
    new OnwardRequest("GET", "/", undefined, { list: ["x-of", "kept"], unchanged }, second);
  expect(onward(second).headersOf).toBe(second);
  expect(onward(undefined).headersOf).toBe(undefined);
  // A guest that serves many requests may have kept the headers of an earlier one: what it sends goes where the request in hand does.
  const kept = onward(first);
  expect([kept.headersOf, kept.authority, kept.headers]).toEqual([undefined, "second.example", ["x-of", "kept"]]);
  const changed = onward(second);
  changed.headers = [];
  expect([changed.headersOf, changed.headers]).toEqual([undefined, []]);
});
