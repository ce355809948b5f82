import fc from "fast-check";
import { expect, test } from "vitest";
import { Fields, isFieldValue } from "./fields.ts";

const name = fc.constantFrom("a", "A", "b", "x-long-name");
const value = fc.constantFrom("", "1", "two");
const change = fc.oneof(
  fc.record({ kind: fc.constant("append" as const), name, value }),
  fc.record({ kind: fc.constant("set" as const), name, value }),
  fc.record({ kind: fc.constant("delete" as const), name, value }),
  fc.record({ kind: fc.constant("clone" as const), name, value }),
);

test("a clone and what it was cloned from never see each other's changes", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ at: fc.nat(3), change }), { maxLength: 30 }), (steps) => {
      const given = ["a", "0", "b", "9"];
      const all = [{ fields: new Fields(given, true, true), model: [...given] }];
      for (const { at, change: next } of steps) {
        const one = all[at % all.length]!;
        const others = one.model.filter((_, i) => one.model[i - (i % 2)]!.toLowerCase() !== next.name.toLowerCase());
        if (next.kind === "clone") all.push({ fields: one.fields.clone(), model: [...one.model] });
        else if (next.kind === "append") one.fields.append(next.name, next.value);
        else if (next.kind === "set") one.fields.set(next.name, [next.value]);
        else one.fields.delete(next.name);
        const first = one.model.find((text, i) => i % 2 === 0 && text.toLowerCase() === next.name.toLowerCase());
        if (next.kind === "append") one.model.push(first ?? next.name, next.value);
        else if (next.kind === "set") one.model = [...others, next.name, next.value];
        else if (next.kind === "delete") one.model = others;
        for (const each of all) expect(each.fields.list).toEqual(each.model);
      }
      expect(given).toEqual(["a", "0", "b", "9"]);
    }),
  );
});

test("values are looked at alike whatever their length", () => {
  const unit = fc.integer({ min: 0, max: 0x17f }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
      // oxlint-disable-next-line no-control-regex -- RFC 9110, section 5.5
      expect(isFieldValue(text)).toBe(/^[\t\x20-\x7e\x80-\xff]*$/.test(text));
    }),
  );
});

test("what was received has its names in lower case, and passes on as it came", () => {
  const list = ["Content-Type", "Text/Plain", "X-a", "B"];
  const received = Fields.received(list);
  expect(received.entries).toEqual(["content-type", "Text/Plain", "x-a", "B"]);
  expect(received.view().entries).toEqual(received.entries);
  expect([received.list, received.clone().list, received.values("CONTENT-type")]).toEqual([list, list, ["Text/Plain"]]);
  expect(new Fields(list, true, true).entries).toEqual(list);
});
