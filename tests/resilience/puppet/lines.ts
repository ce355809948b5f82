import type { Line } from "./script.ts";

/** Waits for events of the set in a register, for ever. */
export const waitsFor = (set: string): Line[] => [
  { label: "waits" },
  ["pack", [2, set], "z"],
  ["answer", ["z"]],
  ["jump", [1, "waits"]],
];

export const waitsForNothing: Line[] = [["set.new", [], "c"], ...waitsFor("c")];

/** Again and again, without end. */
export const always = (...lines: Line[]): Line[] => [{ label: "always" }, ...lines, ["jump", [1, "always"]]];

/** So many times. */
export const times = (count: number, label: string, ...lines: Line[]): Line[] => [
  ["set", [count], "o"],
  { label },
  ...lines,
  ["add", ["o", -1], "o"],
  ["jump", ["o", label]],
];

/** Answers with the stream in register a; what is behind it is in b, the future of the trailers in u. */
export const streams: Line[] = [
  ["fields", [], "f"],
  ["bytes.new", [], "ab"],
  ["trailers.new", [], "tu"],
  ["response", ["f", 1, "a", "t", 64]],
  ["load", [64], "r"],
  ["task.return", [0, "r", 0, 0, 0, 0, 0, 0]],
];

/** Body (a) and trailers (b) of the request. */
export const consumes: Line[] = [
  ["sent.new", [], "mn"],
  ["request.consume", ["q", "m", 64]],
  ["load", [64], "a"],
  ["load", [68], "b"],
];

/** Sends a request that is refused, with its answer at a place. */
export const sends = (place: number): Line[] => [
  ["fields", [], "f"],
  ["trailers.new", [], "tu"],
  ["request", ["f", 0, 0, "t", 0, 0, 64]],
  ["load", [64], "r"],
  ["request.scheme", ["r", 1, 0, 0, 0], "_"],
  ["store", [256, 0x61616161]],
  ["request.authority", ["r", 1, 256, 4], "_"],
  ["send", ["r", place], "k"],
];

/** Calls the other component with a script. */
export const calls = (name: string, script: readonly Line[]): Line[] => [
  ["jump", [1, "behind"]],
  { label: "script", script },
  { label: "behind" },
  ["place", ["script"], "p"],
  name === "child-here" ? [name, ["p", "script.size"], "s"] : [name, ["p", "script.size", 72], "s"],
];

/** A stream of its own: a reads, b writes. */
export const pipe: Line[] = [["bytes.new", [], "ab"]];
