import { expect, it } from "vitest";
import type { HttpRequest } from "../../../foundation/http/index.ts";
import { httpErrorOf } from "./error-code.ts";
import { withHop } from "./hops.ts";

const sent = (...headers: string[]): HttpRequest => ({
  method: "GET",
  scheme: "http",
  authority: "there",
  target: "/",
  headers,
  body: undefined,
});

it("a request that a component sends tells by whom the one before it came, whatever the component says", () => {
  expect(withHop(sent("a", "b"), ["host", "here"]).headers).toEqual(["a", "b", "cdn-loop", "bandstand"]);
  const incoming = ["CDN-Loop", 'other.example; trace="x"', "x-y", "z", "cdn-loop", "bandstand"];
  expect(withHop(sent("Cdn-Loop", "", "a", "b"), incoming).headers).toEqual([
    "a",
    "b",
    "cdn-loop",
    'other.example; trace="x", bandstand, bandstand',
  ]);
});

it("is refused as a loop where it came by too often", () => {
  const often = (times: number) => ["cdn-loop", Array(times).fill("Bandstand;v=1").join(",")];
  expect(() => withHop(sent(), often(7))).not.toThrow();
  let thrown: unknown;
  try {
    withHop(sent(), often(8));
  } catch (error) {
    thrown = error;
  }
  expect(httpErrorOf(thrown)).toEqual({ name: "loop-detected" });
});
