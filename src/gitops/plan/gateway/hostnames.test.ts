import fc from "fast-check";
import { expect, test } from "vitest";
import { intersectHostnames } from "./hostnames.ts";

test.each([
  [undefined, [], []],
  [undefined, ["a.example"], ["a.example"]],
  ["a.example", [], ["a.example"]],
  ["*.example", [], ["*.example"]],
  ["a.example", ["a.example", "b.example"], ["a.example"]],
  ["a.example", ["b.example"], undefined],
  ["*.example", ["a.example", "a.b.example", "example", "a.test"], ["a.example", "a.b.example"]],
  ["a.b.example", ["*.example"], ["a.b.example"]],
  ["example", ["*.example"], undefined],
  ["*.example", ["*.example"], ["*.example"]],
  ["*.example", ["*.b.example"], ["*.b.example"]],
  ["*.b.example", ["*.example"], ["*.b.example"]],
  ["*.b.example", ["*.c.example"], undefined],
  ["*.example", ["*.badexample"], undefined],
  ["*.example", ["badexample", "bad.notexample"], undefined],
  ["a.example", ["*.example", "a.example"], ["a.example"]],
])("listener %s and route %j have %j in common", (listener, route, expected) => {
  expect(intersectHostnames(listener, route)).toEqual(expected);
});

test("both sides may be exchanged", () => {
  const label = fc.constantFrom("a", "b", "example");
  const hostname = fc
    .tuple(fc.boolean(), fc.array(label, { minLength: 1, maxLength: 3 }))
    .map(([wild, labels]) => (wild ? ["*", ...labels] : labels).join("."));
  fc.assert(
    fc.property(hostname, hostname, (a, b) => {
      expect(intersectHostnames(a, [b])).toEqual(intersectHostnames(b, [a]));
    }),
  );
});
