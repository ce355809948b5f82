import { expect, test } from "vitest";
import type { ConfigValue, SecretRef } from "../../../model/plan/index.ts";
import { expand } from "./expand.ts";

const secret: SecretRef = { namespace: "n", name: "s", key: "k", hash: "h" };
const variables = new Map<string, ConfigValue>([
  ["A", { value: "1" }],
  ["EMPTY", { value: "" }],
  ["REF", { value: "$(A)" }],
  ["S", { secret }],
]);

// As Kubernetes' expansion tests have it.
test.each([
  ["$(A)", ["1"]],
  ["$(A)-$(A)", ["1-1"]],
  ["---$(A)---", ["---1---"]],
  ["$(EMPTY)", [""]],
  ["", [""]],
  ["$(MISSING)", ["$(MISSING)"]],
  ["$(REF)", ["$(A)"]],
  ["$$(A)", ["$(A)"]],
  ["$$$(A)", ["$1"]],
  ["$$$$(A)", ["$$(A)"]],
  ["$$$$$$(A)$$", ["$$$(A)$"]],
  ["f$$$$", ["f$$"]],
  ["$A", ["$A"]],
  ["$", ["$"]],
  ["$(A", ["$(A"]],
  ["$()", ["$()"]],
  ["$(A))", ["1)"]],
  ["\n$(A)", ["\n1"]],
  ["$(S)", [secret]],
  ["a$(S)$(A)$(S)", ["a", secret, "1", secret]],
])("%j becomes %j", (text, expected) => {
  expect(expand(text, variables)).toEqual(expected);
});
