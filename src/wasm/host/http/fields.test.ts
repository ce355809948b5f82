import fc from "fast-check";
import { expect, test } from "vitest";
import { declaredLength, Fields, isFieldValue } from "./fields.ts";

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

test("headers of a message are asked for when somebody looks, and are its own until they change", () => {
  let asked = 0;
  const message = {
    get headers() {
      asked++;
      return ["X-A", "1", "x-b", "2"];
    },
  };
  const received = Fields.received(message);
  const [same, other, gone] = [received.clone(), received.clone(), received.clone()];
  expect([same.frozen().unchanged, received.view().unchanged, asked]).toEqual([message, message, 0]);
  other.append("x-c", "3");
  gone.delete("X-a");
  expect([other.list, gone.list]).toEqual([
    ["X-A", "1", "x-b", "2", "x-c", "3"],
    ["x-b", "2"],
  ]);
  expect([other.unchanged, gone.unchanged, other.clone().unchanged]).toEqual([undefined, undefined, undefined]);
  expect([same.unchanged, same.list, received.list]).toEqual([message, received.list, ["X-A", "1", "x-b", "2"]]);
});

test("what was received has its names in lower case, and passes on as it came", () => {
  const list = ["Content-Type", "Text/Plain", "X-a", "B"];
  const received = Fields.received({ headers: list });
  expect(received.entries).toEqual(["content-type", "Text/Plain", "x-a", "B"]);
  expect(received.view().entries).toEqual(received.entries);
  expect([received.list, received.clone().list, received.values("CONTENT-type")]).toEqual([list, list, ["Text/Plain"]]);
  expect(new Fields(list, true, true).entries).toEqual(list);
});

test("TE may be set, since it is received; what belongs to the connection may not", () => {
  const copy = Fields.received({ headers: ["te", "trailers"] }).clone();
  const made = new Fields([], true);
  expect([copy.append("te", "trailers"), made.append("TE", "trailers"), made.set("te", ["trailers"])]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  for (const name of ["Connection", "host", "transfer-encoding", "upgrade"])
    expect(made.append(name, "1")).toBe("forbidden");
});

test("a length is one number, however often it is said", () => {
  const fields = new Fields([], true);
  for (const value of ["", "x", "-1", "+1", " 5", "5 ", "5, 5", "0x5", "5.0", "9".repeat(20)]) {
    expect([fields.append("Content-Length", value), fields.set("content-length", [value])]).toEqual([
      "invalid-syntax",
      "invalid-syntax",
    ]);
  }
  expect([fields.set("content-length", ["5", "6"]), fields.list]).toEqual(["invalid-syntax", []]);
  expect([fields.append("content-length", "5"), fields.append("Content-Length", "5")]).toEqual([undefined, undefined]);
  expect([fields.append("content-length", "6"), fields.set("content-length", ["6"])]).toEqual([
    "invalid-syntax",
    undefined,
  ]);
  expect([declaredLength(fields), fields.delete("content-length"), fields.list]).toEqual([6, undefined, []]);
});
