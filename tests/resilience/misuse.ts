import { allowed, pastTheEnd, pastTheEndPairs } from "./misuse-ends.ts";
import { floods, trapping, trappingPairs } from "./misuse-traps.ts";
import { answers } from "./puppet/chance.ts";
import { always, calls, consumes, pipe, streams, times, waitsFor, waitsForNothing } from "./puppet/lines.ts";
import type { Line } from "./puppet/script.ts";

/** A misuse of the asynchronous canonical ABI, or of `wasi:http` of WASI 0.3, as a script. */
export interface Misuse {
  name: string;
  script: readonly Line[];
  /** 0: the connection ends before a head. */
  status: number | number[];
  /** The answer breaks after its head. */
  broken?: true;
  /** Bytes of the request's body. */
  sends?: number;
  /** The puppet that can do it, where it is another one. */
  puppet?: "stack" | "pair" | "pair-on-stack";
}

export const misuses: readonly Misuse[] = [
  ...Object.entries(trapping).map(([name, script]) => ({ name, script, status: 500 })),
  ...Object.entries(trappingPairs).map(([name, script]) => ({ name, script, status: 500, puppet: "pair" as const })),
  ...Object.entries(pastTheEnd).map(([name, script]) => ({ name, script, status: 500 })),
  ...Object.entries(pastTheEndPairs).map(([name, script]) => ({ name, script, status: 500, puppet: "pair" as const })),
  ...Object.entries(allowed).map(([name, script]) => ({ name, script, status: 200 })),
  ...Object.entries(floods).map(([name, script]) => ({ name, script, status: [500, 504] })),
  { name: "waits for ever", script: waitsForNothing, status: 504 },
  { name: "yields for ever", script: always(["answer", [1]]), status: 504 },
  { name: "polls for ever", script: [["set.new", [], "c"], ...always(["set.poll", ["c", 64], "_"])], status: 504 },
  {
    name: "has one small event after the other",
    script: [
      ...pipe,
      ["set.new", [], "c"],
      ["join", ["b", "c"]],
      ...always(
        ["bytes.write", ["b", 256, 1], "_"],
        ["bytes.read", ["a", 300, 1], "_"],
        ["pack", [2, "c"], "z"],
        ["answer", ["z"]],
      ),
    ],
    status: 504,
  },
  {
    name: "waits for thousands at a time",
    script: [
      ["set.new", [], "c"],
      ...times(4900, "fill", ...pipe, ["join", ["a", "c"]], ["join", ["b", "c"]]),
      ...always(
        ["join", ["b", 0]],
        ["join", ["b", "c"]],
        ["bytes.write", ["b", 256, 1], "_"],
        ["bytes.read", ["a", 300, 1], "_"],
        ["pack", [2, "c"], "z"],
        ["answer", ["z"]],
      ),
    ],
    status: 504,
  },
  {
    name: "sleeps thousands of times at once",
    script: [
      ["set.new", [], "c"],
      ...times(9000, "fill", ["sleep", [0x2000_0000], "s"], ["shr", ["s", 4], "s"], ["join", ["s", "c"]]),
      ...waitsFor("c"),
    ],
    status: 504,
  },
  {
    name: "copies megabytes without end",
    script: [
      ...pipe,
      ["grow", [500], "_"],
      ...always(
        ["bytes.write", ["b", 0, 0xf0_0000], "_"],
        ["bytes.read", ["a", 0xf0_0000, 0xf0_0000], "_"],
        ["bytes.cancel-write", ["b"], "_"],
      ),
    ],
    status: 504,
  },
  {
    name: "loops where it is asked for memory",
    script: [
      ["mode", [5]],
      ["request.path", ["q", 64]],
    ],
    status: 504,
  },
  {
    name: "does all that it may before its answer",
    script: [
      ["backpressure.inc"],
      ["nothings.new", [], "ab"],
      ["nothings.write", ["b", 0, 0x0fff_ffff], "_"],
      ["nothings.read", ["a", 0, 0x0fff_ffff], "_"],
      ...answers,
    ],
    status: 200,
  },
  {
    name: "drops an answer and makes another",
    script: [
      ["fields", [], "f"],
      ...pipe,
      ["trailers.new", [], "tu"],
      ["response", ["f", 1, "a", "t", 64]],
      ["load", [64], "r"],
      ["drop-response", ["r"]],
      ["bytes.write", ["b", 256, 9], "_"],
      ...answers,
    ],
    status: 200,
  },
  {
    name: "traps after its answer",
    script: [...streams, ["bytes.write", ["b", 256, 9], "_"], ["answer", [1]], ["trap"]],
    status: 200,
    broken: true,
  },
  {
    name: "never goes on with its body",
    script: [...streams, ["bytes.write", ["b", 256, 9], "_"], ...waitsForNothing],
    status: 200,
    broken: true,
  },
  {
    name: "writes its body without end",
    script: [
      ...streams,
      ["set.new", [], "c"],
      ["join", ["b", "c"]],
      ...always(
        ["bytes.write", ["b", 0, 0x8000], "d"],
        ["add", ["d", 1], "e"],
        ["jump", ["e", "always"]],
        ["pack", [2, "c"], "z"],
        ["answer", ["z"]],
      ),
    ],
    status: 200,
    broken: true,
  },
  {
    name: "passes on a body and never writes its trailers",
    script: [
      ...consumes,
      ["fields", [], "f"],
      ["trailers.new", [], "tu"],
      ["response", ["f", 1, "a", "t", 64]],
      ["load", [64], "r"],
      ["task.return", [0, "r", 0, 0, 0, 0, 0, 0]],
    ],
    sends: 100_000,
    status: 200,
    broken: true,
  },
  { name: "yields on its stack for ever", script: always(["yield", [], "_"]), status: 504, puppet: "stack" },
  {
    name: "waits on its stack for ever",
    script: [
      ["set.new", [], "c"],
      ["set.wait", ["c", 64], "_"],
    ],
    status: 504,
    puppet: "stack",
  },
  {
    name: "reads on its stack for ever",
    script: [...pipe, ["bytes.read-here", ["a", 256, 9], "_"]],
    status: 504,
    puppet: "stack",
  },
  {
    name: "reads on its stack what is in a set",
    script: [...pipe, ["set.new", [], "c"], ["join", ["a", "c"]], ["bytes.read-here", ["a", 256, 9], "_"]],
    status: 500,
    puppet: "stack",
  },
  {
    name: "answers after it waited on its stack",
    script: [["sleep-here", [1000]], ["yield", [], "_"], ...answers],
    status: 200,
    puppet: "stack",
  },
  {
    name: "calls what waits on its stack for ever",
    script: [
      ...calls("child-here", [
        ["set.new", [], "c"],
        ["set.wait", ["c", 64], "_"],
      ]),
    ],
    status: 504,
    puppet: "pair-on-stack",
  },
  {
    name: "calls without end what answers and goes on",
    script: [
      ...calls("child", [["task.return", [1]], ...always(["answer", [1]])]),
      ...always(["child", ["p", "script.size", 72], "s"]),
    ],
    status: [500, 504],
    puppet: "pair",
  },
  {
    name: "has calls without end wait on stacks",
    script: [
      ...calls("child-on-stack", [["task.return", [1]], ...always(["yield", [], "_"])]),
      ...always(["child-on-stack", ["p", "script.size", 72], "s"]),
    ],
    status: [500, 504],
    puppet: "pair-on-stack",
  },
];
