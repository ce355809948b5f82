import { expect, it } from "vitest";
import { KnownHeads } from "./known-heads.ts";

const made: string[] = [];
const heads = () =>
  new KnownHeads((status, fields) => {
    made.push(`${status} ${fields.join(" ")}`);
    return fields.includes("never") ? undefined : { lines: Buffer.from(fields.join("")), dated: false };
  });

it("knows a head from the second time on, and makes it once", () => {
  const known = heads();
  made.length = 0;
  const seen = [1, 2, 3].map(() => known.find(200, ["a", "b"]));
  expect(seen.map((head) => head?.lines.toString())).toEqual([undefined, "ab", "ab"]);
  expect(made).toEqual(["200 a b"]);
});

it("takes no head for another one", () => {
  const known = heads();
  for (let time = 0; time < 2; time++) known.find(200, ["a", "b"]);
  for (const [status, fields] of [
    [201, ["a", "b"]],
    [200, ["a", "c"]],
    [200, ["a"]],
    [200, []],
    [200, ["a", "b", "a", "b"]],
  ] as const) {
    expect(known.find(status, [...fields])).toBeUndefined();
    expect(known.find(status, [...fields])?.lines.toString()).toBe(fields.join(""));
  }
});

it("is not misled by who changes an array in place", () => {
  const known = heads();
  const fields = ["a", "b"];
  known.find(200, fields);
  fields[1] = "c";
  expect(known.find(200, ["a", "b"])).toBeUndefined();
  expect(known.find(200, ["a", "b"])).toBeDefined();
  const kept = ["a", "b"];
  expect(known.find(200, kept)?.lines.toString()).toBe("ab");
  kept[1] = "d";
  expect(known.find(200, kept)).toBeUndefined();
  expect(known.find(200, kept)?.lines.toString()).toBe("ad");
});

it("asks once about a head that is none for here, and leaves out long ones", () => {
  const known = heads();
  made.length = 0;
  for (let time = 0; time < 3; time++) expect(known.find(200, ["never", ""])).toBeUndefined();
  expect(made).toEqual(["200 never "]);
  const long = Array.from({ length: 34 }, () => "x");
  for (let time = 0; time < 3; time++) expect(known.find(200, long)).toBeUndefined();
});
