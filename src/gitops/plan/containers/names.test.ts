import fc from "fast-check";
import { expect, test } from "vitest";
import { newNamer } from "./names.ts";

test("names are as the interface says where they can be", () => {
  expect(newNamer("shop")(["default", "orders", "0"])).toBe("bs-shop-default-orders-0");
});

test("names are unique, short, and valid for Podman whatever the parts are", () => {
  const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,80}[a-z0-9])?$/);
  const parts = fc.uniqueArray(fc.tuple(label, name), { selector: (pair) => pair.join("/"), maxLength: 50 });
  fc.assert(
    fc.property(label, parts, (site, list) => {
      const namer = newNamer(site);
      const names = list.map((pair) => namer(pair));
      expect(new Set(names).size).toBe(names.length);
      for (const each of names) expect(each).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/);
    }),
  );
});

test("parts that read the same get different names", () => {
  const namer = newNamer("s");
  expect(namer(["a-b", "c"])).not.toBe(namer(["a", "b-c"]));
});
