import { FutureReader, HostBytes, HostFuture, StreamReader } from "../../async/index.ts";
import { cli as before } from "../cli/index.ts";
import type { Element } from "../contract.ts";
import { host, type Function, type HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";
import { WholeSource, type InputSource, type OutputSink } from "../io/index.ts";
import type { GuestMemory } from "../memory.ts";
import { putHandles, takeStream } from "./hand-over.ts";
import { pour } from "./pour.ts";

/** A `result` with an error-code of cli, which is one byte. */
const resultElement: Element = { size: 2, align: 1, plain: false };
const byteElement: Element = { size: 1, align: 1, plain: true };

/** Of `error-code`. */
const errorCodes = { io: 0, pipe: 2 } as const;

class Done extends HostFuture<number | undefined> {
  protected override put({ view }: GuestMemory, at: number, failure: number | undefined): void {
    view.setUint8(at, failure === undefined ? 0 : 1);
    if (failure !== undefined) view.setUint8(at + 1, failure);
  }
}

/** What a command reads; of others, an input that ends at once. */
class Input extends HostBytes {
  readonly done = new Done(resultElement);
  readonly #guest: Guest;

  constructor(guest: Guest) {
    super(undefined);
    this.#guest = guest;
  }

  protected override open(onReady: () => void): InputSource {
    return this.#guest.command?.stdin(onReady) ?? new WholeSource("");
  }

  protected override ended(failure: unknown): void {
    this.done.settle(failure === undefined ? undefined : errorCodes.io);
  }
}

function addFuture(guest: Guest, future: Done): number {
  const reader = new FutureReader(guest.tasks, resultElement, future);
  return (reader.handle = guest.handles.add(reader));
}

function output(sink: (guest: Guest) => OutputSink): Function {
  return host("i:i", (guest) => (handle: number) => {
    const done = new Done(resultElement);
    const into = sink(guest);
    pour(takeStream(guest, handle), into, () => done.settle(failureOf(into)));
    return addFuture(guest, done);
  });
}

/** Why not everything was written; a reader that went away is no failure of the sink. */
function failureOf(sink: OutputSink): number | undefined {
  if (sink.room() !== undefined) return undefined;
  return sink.failure === undefined ? errorCodes.pipe : errorCodes.io;
}

const input: Function = host("i", (guest, memory) => (result: number) => {
  const bytes = new Input(guest);
  const reader = new StreamReader(guest.tasks, byteElement, bytes);
  reader.handle = guest.handles.add(reader);
  putHandles(memory, result, reader.handle, addFuture(guest, bytes.done));
});

const { functions: environment } = before["wasi:cli/environment"]!;

/** https://github.com/WebAssembly/WASI/tree/main/proposals/cli, as far as a component that answers requests has it. */
export const cli: Record<string, HostInterface> = {
  ...before,
  "wasi:cli/environment": {
    functions: { ...environment, "get-initial-cwd": environment["initial-cwd"]! },
    resources: [],
  },
  "wasi:cli/stdin": { functions: { "read-via-stream": input }, resources: [] },
  "wasi:cli/stdout": {
    functions: { "write-via-stream": output((guest) => guest.command?.stdout ?? guest.stdout) },
    resources: [],
  },
  "wasi:cli/stderr": {
    functions: { "write-via-stream": output((guest) => guest.command?.stderr ?? guest.stderr) },
    resources: [],
  },
};
