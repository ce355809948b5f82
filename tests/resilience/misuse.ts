import { answers } from "./puppet/chance.ts";
import type { Line } from "./puppet/script.ts";

/** A misuse of the asynchronous canonical ABI, or of `wasi:http` of WASI 0.3, as a script. */
export interface Misuse {
  name: string;
  script: readonly Line[];
  /** 0: the connection ends before a head. */
  status: number;
  /** The answer breaks after its head. */
  broken?: true;
  /** Bytes of the request's body. */
  sends?: number;
  /** The puppet that can do it, where it is another one. */
  puppet?: "stack" | "pair" | "pair-on-stack";
}

/** Waits for events of the set in a register, for ever. */
const waitsFor = (set: string): Line[] => [
  { label: "waits" },
  ["pack", [2, set], "z"],
  ["answer", ["z"]],
  ["jump", [1, "waits"]],
];

const waitsForNothing: Line[] = [["set.new", [], "c"], ...waitsFor("c")];

/** Again and again, without end. */
const always = (...lines: Line[]): Line[] => [{ label: "always" }, ...lines, ["jump", [1, "always"]]];

/** So many times. */
const times = (count: number, label: string, ...lines: Line[]): Line[] => [
  ["set", [count], "o"],
  { label },
  ...lines,
  ["add", ["o", -1], "o"],
  ["jump", ["o", label]],
];

/** Answers with the stream in register a; what is behind it is in b, the future of the trailers in u. */
const streams: Line[] = [
  ["fields", [], "f"],
  ["bytes.new", [], "ab"],
  ["trailers.new", [], "tu"],
  ["response", ["f", 1, "a", "t", 64]],
  ["load", [64], "r"],
  ["task.return", [0, "r", 0, 0, 0, 0, 0, 0]],
];

/** Body (a) and trailers (b) of the request. */
const consumes: Line[] = [
  ["sent.new", [], "mn"],
  ["request.consume", ["q", "m", 64]],
  ["load", [64], "a"],
  ["load", [68], "b"],
];

/** Sends a request that is refused, with its answer at a place. */
const sends = (place: number): Line[] => [
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
const calls = (name: string, script: readonly Line[]): Line[] => [
  ["jump", [1, "behind"]],
  { label: "script", script },
  { label: "behind" },
  ["place", ["script"], "p"],
  name === "child-here" ? [name, ["p", "script.size"], "s"] : [name, ["p", "script.size", 72], "s"],
];

const pipe: Line[] = [["bytes.new", [], "ab"]];

const wrongHandles = [0, 1, 7, -1, 0x7fff_ffff, 0x1000_0000];

/** Each ends its own request with 500, and at once. */
const trapping: Record<string, readonly Line[]> = {
  "returns twice": [...answers, ["task.return", [1, 16, 0, 0, 0, 0, 0, 0]]],
  "never returns": [],
  "returns nothing": [["return-nothing"]],
  "returns other numbers": [["return-other", [0, 5]]],
  "returns a string": [["return-string", [256, 5]]],
  "returns a case that there is not": [["task.return", [7, 1, 0, 0, 0, 0, 0, 0]]],
  "returns the request": [["task.return", [0, "q", 0, 0, 0, 0, 0, 0]]],
  "cancels what was not asked to end": [["task.cancel"]],
  "returns after it cancelled": [["task.cancel"], ...answers],
  "answers a code that means nothing": [["answer", [5]]],
  "answers all bits": [["answer", [-1]]],
  "waits for a set that is gone": [["set.new", [], "c"], ["set.drop", ["c"]], ...waitsFor("c")],
  "waits for an end": [...pipe, ...waitsFor("a")],
  "waits for handle 0": [["answer", [2]]],
  "drops a set with members": [...pipe, ["set.new", [], "c"], ["join", ["a", "c"]], ["set.drop", ["c"]]],
  "joins a set to a set": [
    ["set.new", [], "c"],
    ["join", ["c", "c"]],
  ],
  "joins an end to an end": [...pipe, ["join", ["a", "b"]]],
  "reads twice at a time": [...pipe, ["bytes.read", ["a", 256, 9], "_"], ["bytes.read", ["a", 256, 9], "_"]],
  "reads at the writing end": [...pipe, ["bytes.read", ["b", 256, 9], "_"]],
  "reads a stream of another type": [
    ["nothings.new", [], "ab"],
    ["bytes.read", ["a", 256, 9], "_"],
  ],
  "reads a future as a stream": [
    ["byte.new", [], "ab"],
    ["bytes.read", ["a", 256, 9], "_"],
  ],
  "drops an end that copies": [...pipe, ["bytes.read", ["a", 256, 9], "_"], ["bytes.drop-readable", ["a"]]],
  "drops a future that never got a value": [
    ["byte.new", [], "ab"],
    ["byte.drop-writable", ["b"]],
  ],
  "cancels no copy": [...pipe, ["bytes.cancel-read", ["a"], "_"]],
  "writes from outside of its memory": [...pipe, ["bytes.write", ["b", 0x7fff_fff0, 4096], "_"]],
  "writes across the end of its memory": [...pipe, ["bytes.write", ["b", 0x5_fff8, 9], "_"]],
  "writes more than can be counted": [...pipe, ["bytes.write", ["b", 0, 0x1000_0000], "_"]],
  "writes less than nothing": [...pipe, ["bytes.write", ["b", 0, -1], "_"]],
  "reads where it is not aligned": [
    ["streams.new", [], "ab"],
    ["streams.read", ["a", 257, 1], "_"],
  ],
  "gives itself streams": [
    ["streams.new", [], "ab"],
    ...pipe,
    ["streams.new", [], "cd"],
    ["streams.write", ["d", 256, 1], "_"],
    ["streams.read", ["c", 300, 1], "_"],
  ],
  "writes its trailers twice": [...answers, ["trailers.write", ["u", 128], "_"]],
  "uses one future for two answers": [
    ["fields", [], "f"],
    ["fields", [], "g"],
    ["trailers.new", [], "tu"],
    ["response", ["f", 0, 0, "t", 64]],
    ["response", ["g", 0, 0, "t", 64]],
  ],
  "consumes its request twice": [...consumes, ...consumes],
  "passes on a body that it reads": [
    ...consumes,
    ["set.new", [], "c"],
    ["join", ["a", "c"]],
    ["bytes.read", ["a", 256, 9], "_"],
    ["bytes.read", ["a", 256, 9], "_"],
  ],
  "has an answer put where it is not aligned": [...sends(7), ...waitsForNothing],
  "has an answer put outside of its memory": [...sends(-8), ...waitsForNothing],
  "drops a call that is under way": [
    ["sleep", [-1], "s"],
    ["shr", ["s", 4], "s"],
    ["subtask.drop", ["s"]],
  ],
  "cancels a call twice": [
    ["sleep", [-1], "s"],
    ["shr", ["s", 4], "s"],
    ["subtask.cancel", ["s"], "_"],
    ["subtask.cancel", ["s"], "_"],
  ],
  "lets in what it did not keep out": [["backpressure.dec"]],
  "keeps out for ever": always(["backpressure.inc"]),
  "makes streams without end": always(["bytes.new", [], "ab"]),
  "makes futures without end": always(["byte.new", [], "ab"]),
  "makes sets without end": always(["set.new", [], "c"]),
  "sleeps without end, at once": always(["sleep", [-1], "s"]),
  "sends without end": always(...sends(512)),
  "is out of memory for a text": [
    ["mode", [1]],
    ["request.path", ["q", 64]],
  ],
  "has a wild pointer for a text": [
    ["mode", [2]],
    ["request.path", ["q", 64]],
  ],
  "calls out where it is asked for memory": [
    ["mode", [4]],
    ["request.path", ["q", 64]],
  ],
  "leaves its body unfinished": streams,
  "leaves the trailers of its body unwritten": [
    ...streams,
    ["bytes.write", ["b", 256, 9], "_"],
    ["bytes.drop-writable", ["b"]],
  ],
  ...Object.fromEntries(
    wrongHandles.flatMap((handle) => [
      [
        `joins handle ${handle}`,
        [
          ["set.new", [], "c"],
          ["set.drop", ["c"]],
          ["join", [handle, 0]],
        ] as Line[],
      ],
      [`polls handle ${handle}`, [["set.poll", [handle, 64], "_"]] as Line[]],
      [`drops handle ${handle} as a call`, [["subtask.drop", [handle]]] as Line[]],
      [
        `hands over handle ${handle}`,
        [
          ["fields", [], "f"],
          ["response", ["f", 1, handle, handle, 64]],
        ] as Line[],
      ],
    ]),
  ),
};

const ofPairs: Record<string, readonly Line[]> = {
  "calls without end what answers and goes on": [
    ...calls("child", [["task.return", [1]], ...always(["answer", [1]])]),
    ...always(["child", ["p", "script.size", 72], "s"]),
  ],
  "calls what traps": calls("child", [["trap"]]),
  "calls what never returns": calls("child", []),
  "drops a call of its own": [...calls("child", waitsForNothing), ["shr", ["s", 4], "s"], ["subtask.drop", ["s"]]],
  "hands over an end that it reads": [
    ...pipe,
    ["byte.new", [], "cd"],
    ["bytes.read", ["a", 256, 9], "_"],
    ...calls("child", []),
    ["child-with", ["p", "script.size", "a", "c", 72], "s"],
  ],
  "hands over one end twice": [
    ...pipe,
    ["byte.new", [], "cd"],
    ...calls("child", waitsForNothing),
    ["child-with", ["p", "script.size", "a", "c", 72], "s"],
    ["child-with", ["p", "script.size", "a", "c", 72], "s"],
  ],
};

export const misuses: readonly Misuse[] = [
  ...Object.entries(trapping).map(([name, script]) => ({ name, script, status: 500 })),
  ...Object.entries(ofPairs).map(([name, script]) => ({ name, script, status: 500, puppet: "pair" as const })),
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
    name: "has calls without end wait on stacks",
    script: [
      ...calls("child-on-stack", [["task.return", [1]], ...always(["yield", [], "_"])]),
      ...always(["child-on-stack", ["p", "script.size", 72], "s"]),
    ],
    status: 500,
    puppet: "pair-on-stack",
  },
];
