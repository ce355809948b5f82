import { answers } from "./puppet/chance.ts";
import { always, calls, consumes, pipe, sends, streams, waitsFor, waitsForNothing } from "./puppet/lines.ts";
import type { Line } from "./puppet/script.ts";

const wrongHandles = [0, 1, 7, -1, 0x7fff_ffff, 0x1000_0000];

/** Each ends its own request with 500, and at once. */
export const trapping: Record<string, readonly Line[]> = {
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
  "passes on a body that a set waits for": [
    ...consumes,
    ["set.new", [], "c"],
    ["join", ["a", "c"]],
    ["fields", [], "f"],
    ["response", ["f", 1, "a", "b", 64]],
  ],
  "hands over a future that a set waits for": [
    ["fields", [], "f"],
    ["trailers.new", [], "tu"],
    ["set.new", [], "c"],
    ["join", ["t", "c"]],
    ["response", ["f", 0, 0, "t", 64]],
  ],
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

/** The same, for what consists of two. */
export const trappingPairs: Record<string, readonly Line[]> = {
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

/** The same, where what is spent first ends them: a limit, or CPU time on a machine that is busy. */
export const floods: Record<string, readonly Line[]> = {
  "keeps out for ever": always(["backpressure.inc"]),
  "makes streams without end": always(["bytes.new", [], "ab"]),
  "makes futures without end": always(["byte.new", [], "ab"]),
  "makes sets without end": always(["set.new", [], "c"]),
  "sleeps without end, at once": always(["sleep", [-1], "s"]),
  "sends without end": always(...sends(512)),
  "keeps headers without end": [
    ["grow", [8], "_"],
    ["store", [256, 0x61616161]],
    ...always(["fields", [], "f"], ["fields.append", ["f", 256, 4, 4096, 100_000, 64]]),
  ],
  "writes bodies that it never sends": always(
    ["fields", [], "f"],
    ...pipe,
    ["trailers.new", [], "tu"],
    ["request", ["f", 1, "a", "t", 0, 0, 64]],
    ["bytes.write", ["b", 256, 60_000], "_"],
  ),
};
