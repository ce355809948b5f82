import { FutureReader, HostBytes, HostFuture, Pipe, StreamReader } from "../../async/index.ts";
import { cli as before } from "../cli/index.ts";
import type { Element } from "../contract.ts";
import { host, type Function, type HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";
import { WholeSource, type InputSource, type OutputSink } from "../io/index.ts";
import type { GuestMemory } from "../memory.ts";
import { takeStream } from "./bodies.ts";
import { putHandles } from "./request.ts";

/** A `result` with an error-code of cli, which is one byte. Nothing fails here. */
const resultElement: Element = { size: 2, align: 1, plain: false };
const byteElement: Element = { size: 1, align: 1, plain: true };

class Done extends HostFuture<undefined> {
  protected override put(memory: GuestMemory, at: number): void {
    memory.view.setUint8(at, 0);
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

  protected override ended(): void {
    this.done.settle(undefined);
  }
}

function addFuture(guest: Guest, future: Done): number {
  const reader = new FutureReader(guest.tasks, resultElement, future);
  return (reader.handle = guest.handles.add(reader));
}

function output(sink: (guest: Guest) => OutputSink): Function {
  return host("i:i", (guest) => (handle: number) => {
    const { origin } = takeStream(guest, handle);
    const done = new Done(resultElement);
    if (origin instanceof Pipe) origin.attach(sink(guest), () => done.settle(undefined));
    else {
      // What the host gave is not read for the log.
      origin.closeReader();
      done.settle(undefined);
    }
    return addFuture(guest, done);
  });
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
