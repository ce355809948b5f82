import { host, type Function, type HostInterface } from "../define.ts";
import { exit } from "./exit.ts";
import { InputStream, OutputStream, WholeSource } from "../io/index.ts";
import type { GuestMemory } from "../memory.ts";
import { Resource } from "../handles.ts";
import type { CommandWorld } from "./command-world.ts";

/** An `option` that is none. */
const none: Function = host("i", (_, memory) => (result: number) => {
  memory.view.setUint8(memory.at(result, 8, 4), 0);
});

/** That a person sits at the other end; it has no functions. */
class Terminal extends Resource {
  readonly kind: string;

  constructor(kind: "terminal-input" | "terminal-output") {
    super();
    this.kind = kind;
  }
}

function terminal(stream: keyof CommandWorld["terminals"]): Function {
  return host("i", (guest, memory) => (result: number) => {
    const at = memory.at(result, 8, 4);
    const is = guest.command?.terminals[stream] === true;
    memory.view.setUint8(at, Number(is));
    if (!is) return;
    const handle = guest.handles.add(new Terminal(stream === "stdin" ? "terminal-input" : "terminal-output"));
    memory.view.setUint32(at + 4, handle, true);
  });
}

/** A list of strings. */
function putTexts(memory: GuestMemory, at: number, texts: readonly string[]): void {
  const start = memory.allocate(texts.length * 8, 4);
  for (const [i, text] of texts.entries()) memory.putText(start + i * 8, text);
  memory.view.setUint32(at, start, true);
  memory.view.setUint32(at + 4, texts.length, true);
}

/** A list of pairs of strings. */
export function putPairs(memory: GuestMemory, at: number, pairs: readonly (readonly [string, string])[]): void {
  const start = memory.allocate(pairs.length * 16, 4);
  for (const [i, [name, value]] of pairs.entries()) {
    memory.putText(start + i * 16, name);
    memory.putText(start + i * 16 + 8, value);
  }
  memory.view.setUint32(at, start, true);
  memory.view.setUint32(at + 4, pairs.length, true);
}

/** https://github.com/WebAssembly/wasi-cli, as far as a component that answers requests has it. */
export const cli: Record<string, HostInterface> = {
  "wasi:cli/environment": {
    functions: {
      "get-environment": host("i", (guest, memory) => (result: number) => {
        putPairs(memory, memory.at(result, 8, 4), guest.command?.environment ?? guest.component.config);
      }),
      "get-arguments": host("i", (guest, memory) => (result: number) => {
        putTexts(memory, memory.at(result, 8, 4), guest.command?.args ?? []);
      }),
      "initial-cwd": none,
    },
    resources: [],
  },
  "wasi:cli/exit": {
    functions: {
      exit: host("i", (guest) => (failed: number) => exit(guest, failed)),
      "exit-with-code": host("i", (guest) => (code: number) => exit(guest, code & 0xff)),
    },
    resources: [],
  },
  "wasi:cli/stdin": {
    functions: {
      "get-stdin": host(
        ":i",
        (guest) => () =>
          guest.handles.add(new InputStream(guest.command?.stdin(() => guest.notify()) ?? new WholeSource(""))),
      ),
    },
    resources: [],
  },
  "wasi:cli/stdout": {
    functions: {
      "get-stdout": host(
        ":i",
        (guest) => () => guest.handles.add(new OutputStream(guest.command?.stdout ?? guest.stdout)),
      ),
    },
    resources: [],
  },
  "wasi:cli/stderr": {
    functions: {
      "get-stderr": host(
        ":i",
        (guest) => () => guest.handles.add(new OutputStream(guest.command?.stderr ?? guest.stderr)),
      ),
    },
    resources: [],
  },
  "wasi:cli/terminal-input": { functions: {}, resources: ["terminal-input"] },
  "wasi:cli/terminal-output": { functions: {}, resources: ["terminal-output"] },
  "wasi:cli/terminal-stdin": { functions: { "get-terminal-stdin": terminal("stdin") }, resources: [] },
  "wasi:cli/terminal-stdout": { functions: { "get-terminal-stdout": terminal("stdout") }, resources: [] },
  "wasi:cli/terminal-stderr": { functions: { "get-terminal-stderr": terminal("stderr") }, resources: [] },
};
