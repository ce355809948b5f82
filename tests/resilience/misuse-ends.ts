import { answers } from "./puppet/chance.ts";
import { always, calls, consumes, pipe, waitsFor } from "./puppet/lines.ts";
import type { Line } from "./puppet/script.ts";

/** A future of a byte: a reads, b writes. */
const future: Line[] = [["byte.new", [], "ab"]];
/** Waits once, until something happens to what a register names. */
const until = (waitable: string): Line[] => [
  ["set.new", [], "c"],
  ["join", [waitable, "c"]],
  ["pack", [2, "c"], "z"],
  ["answer", ["z"]],
];
const sleeps = (nanoseconds: number, register: string): Line[] => [
  ["sleep", [nanoseconds], register],
  ["shr", [register, 4], register],
];
const short = 1_000_000;

/** Each uses what is past its end, and ends its own request with 500, and at once. */
export const pastTheEnd: Record<string, readonly Line[]> = {
  "writes a future again": [
    ...future,
    ["byte.write", ["b", 256], "_"],
    ["byte.read", ["a", 300], "_"],
    ...until("b"),
    ["byte.write", ["b", 256], "_"],
  ],
  "writes a future whose event it did not take": [
    ...future,
    ["byte.write", ["b", 256], "_"],
    ["byte.read", ["a", 300], "_"],
    ["byte.write", ["b", 256], "_"],
  ],
  "writes a future again that nobody reads": [
    ...future,
    ["byte.drop-readable", ["a"]],
    ["byte.write", ["b", 256], "_"],
    ["byte.write", ["b", 256], "_"],
  ],
  "reads a future again": [
    ...future,
    ["byte.write", ["b", 256], "_"],
    ["byte.read", ["a", 300], "_"],
    ["byte.read", ["a", 300], "_"],
  ],
  "passes on trailers that it read": [
    ...consumes,
    ["bytes.drop-readable", ["a"]],
    ["trailers.read", ["b", 320], "z"],
    ["add", ["z", 1], "z"],
    ["jump", ["z", "read"]],
    ...until("b"),
    ["join", ["b", 0]],
    { label: "read" },
    ["fields", [], "f"],
    ["response", ["f", 0, 0, "b", 64]],
  ],
  "writes a stream again that nobody reads": [
    ...pipe,
    ["bytes.drop-readable", ["a"]],
    ["bytes.write", ["b", 256, 9], "_"],
    ["bytes.write", ["b", 256, 9], "_"],
  ],
  "writes a stream again that nobody reads any more": [
    ...pipe,
    ["bytes.write", ["b", 256, 9], "_"],
    ["bytes.drop-readable", ["a"]],
    ...until("b"),
    ["bytes.write", ["b", 256, 9], "_"],
  ],
  "reads a stream past its end": [
    ...pipe,
    ["bytes.drop-writable", ["b"]],
    ["bytes.read", ["a", 256, 9], "_"],
    ["bytes.read", ["a", 256, 9], "_"],
  ],
  "passes on a stream past its end": [
    ...pipe,
    ["bytes.drop-writable", ["b"]],
    ["bytes.read", ["a", 256, 9], "_"],
    ["fields", [], "f"],
    ["trailers.new", [], "tu"],
    ["response", ["f", 1, "a", "t", 64]],
  ],
  "cancels a read twice": [
    ...pipe,
    ["bytes.read", ["a", 256, 9], "_"],
    ["bytes.cancel-read", ["a"], "_"],
    ["bytes.cancel-read", ["a"], "_"],
  ],
  "cancels a read that is done": [
    ...pipe,
    ["bytes.write", ["b", 256, 9], "_"],
    ["bytes.read", ["a", 300, 9], "_"],
    ["bytes.cancel-read", ["a"], "_"],
  ],
  "cancels a write that it was told of": [
    ...pipe,
    ["bytes.write", ["b", 256, 9], "_"],
    ["bytes.read", ["a", 300, 9], "_"],
    ...until("b"),
    ["bytes.cancel-write", ["b"], "_"],
  ],
  "cancels the other end's copy": [...pipe, ["bytes.read", ["a", 256, 9], "_"], ["bytes.cancel-write", ["b"], "_"]],
  "drops a writing end that copies": [...pipe, ["bytes.write", ["b", 256, 9], "_"], ["bytes.drop-writable", ["b"]]],
  "drops a future that it writes": [...future, ["byte.write", ["b", 256], "_"], ["byte.drop-writable", ["b"]]],
  "drops a future that it reads": [...future, ["byte.read", ["a", 300], "_"], ["byte.drop-readable", ["a"]]],
  "drops an end twice": [...pipe, ["bytes.drop-readable", ["a"]], ["bytes.drop-readable", ["a"]]],
  "drops an end as the other one": [...pipe, ["bytes.drop-writable", ["a"]]],
  "drops an end as one of another type": [...pipe, ["nothings.drop-readable", ["a"]]],
  "drops a set twice": [
    ["set.new", [], "c"],
    ["set.drop", ["c"]],
    ["set.drop", ["c"]],
  ],
  "drops an error context twice": [
    ["context-of-error.new", [256, 4], "e"],
    ["context-of-error.drop", ["e"]],
    ["context-of-error.drop", ["e"]],
  ],
  "drops a call of whose end it was not told": [
    ...sleeps(short, "s"),
    ...sleeps(20 * short, "t"),
    ...until("t"),
    ["subtask.drop", ["s"]],
  ],
  "cancels a call that is done": [...sleeps(short, "s"), ...until("s"), ["subtask.cancel", ["s"], "_"]],
  "drops a call twice": [...sleeps(short, "s"), ...until("s"), ["subtask.drop", ["s"]], ["subtask.drop", ["s"]]],
  "takes an end for a call": [...pipe, ["subtask.cancel", ["a"], "_"]],
  "lets in more often than it kept out": [["backpressure.inc"], ["backpressure.dec"], ["backpressure.dec"]],
};

/** The same, for what consists of two. */
export const pastTheEndPairs: Record<string, readonly Line[]> = {
  "calls what returns twice": calls("child", [
    ["task.return", [1]],
    ["task.return", [1]],
  ]),
  "calls what cancels itself": calls("child", [["task.cancel"]]),
  "calls what waits for the set of its caller": [["set.new", [], "c"], ...calls("child", waitsFor("c"))],
};

/** What looks like misuse, and is none: each is answered. */
export const allowed: Record<string, readonly Line[]> = {
  "leaves calls unfinished": [...sleeps(-1, "s"), ...sleeps(-1, "s"), ...answers],
  "leaves ends, sets and futures behind": [...pipe, ...future, ["set.new", [], "c"], ["join", ["b", "c"]], ...answers],
  "leaves copies under way": [
    ...pipe,
    ["bytes.write", ["b", 256, 9], "_"],
    ...future,
    ["byte.read", ["a", 300], "_"],
    ...answers,
  ],
  "goes on for ever after its answer": [...answers, ...always(["answer", [1]])],
  "takes a cancelled read again": [
    ...pipe,
    ["bytes.read", ["a", 256, 9], "_"],
    ["bytes.cancel-read", ["a"], "_"],
    ["bytes.read", ["a", 256, 9], "_"],
    ...answers,
  ],
  "cancels a read that is done and that it was not told of": [
    ...pipe,
    ["bytes.read", ["a", 256, 9], "_"],
    ["bytes.write", ["b", 300, 9], "_"],
    ["bytes.cancel-read", ["a"], "_"],
    ...answers,
  ],
  "drops a writing end whose read waits": [
    ...pipe,
    ["bytes.read", ["a", 256, 9], "_"],
    ["bytes.drop-writable", ["b"]],
    ...until("a"),
    ["bytes.drop-readable", ["a"]],
    ...answers,
  ],
  "keeps out, and lets in": [["backpressure.inc"], ["backpressure.dec"], ...answers],
};
