import { host, type Function, type HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";
import { InputStream, OutputStream, WholeSource } from "../io/index.ts";
import type { GuestMemory } from "../memory.ts";

function exit(guest: Guest, code: number): never {
  throw guest.fail("component-trapped", `exited with code ${code} instead of answering`);
}

/** An `option` that is none. */
const none: Function = host("i", (_, memory) => (result: number) => {
  memory.view.setUint8(memory.at(result, 8, 4), 0);
});

/** A list of pairs of strings. */
export function putPairs(memory: GuestMemory, at: number, pairs: readonly (readonly [string, string])[]): void {
  const start = pairs.length === 0 ? 4 : memory.allocate(pairs.length * 16, 4);
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
        putPairs(memory, memory.at(result, 8, 4), guest.component.config);
      }),
      "get-arguments": host("i", (_, memory) => (result: number) => {
        putPairs(memory, memory.at(result, 8, 4), []);
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
      "get-stdin": host(":i", (guest) => () => guest.handles.add(new InputStream(new WholeSource("")))),
    },
    resources: [],
  },
  "wasi:cli/stdout": {
    functions: { "get-stdout": host(":i", (guest) => () => guest.handles.add(new OutputStream(guest.stdout))) },
    resources: [],
  },
  "wasi:cli/stderr": {
    functions: { "get-stderr": host(":i", (guest) => () => guest.handles.add(new OutputStream(guest.stderr))) },
    resources: [],
  },
  "wasi:cli/terminal-input": { functions: {}, resources: ["terminal-input"] },
  "wasi:cli/terminal-output": { functions: {}, resources: ["terminal-output"] },
  "wasi:cli/terminal-stdin": { functions: { "get-terminal-stdin": none }, resources: [] },
  "wasi:cli/terminal-stdout": { functions: { "get-terminal-stdout": none }, resources: [] },
  "wasi:cli/terminal-stderr": { functions: { "get-terminal-stderr": none }, resources: [] },
};
