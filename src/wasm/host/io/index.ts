import { messageOf } from "../../../foundation/errors/index.ts";
import { host, type HostInterface } from "../define.ts";
import { inputStream } from "./input.ts";
import { outputStream } from "./output.ts";
import { poll } from "./poll.ts";
import type { IoError } from "./resources.ts";

export { InputStream, IoError, OutputStream, Pollable, PollableOn } from "./resources.ts";
export { lengthOf } from "./result.ts";
export type { OutputSink } from "./sink.ts";
export { emptySource, WholeSource } from "./source.ts";
export { StreamSource } from "./stream-source.ts";
export type { InputSource, Piece } from "./source.ts";

/** https://github.com/WebAssembly/wasi-io */
export const io: Record<string, HostInterface> = {
  "wasi:io/error": {
    functions: {
      "[method]error.to-debug-string": host("ii", (guest, memory) => (handle: number, result: number) => {
        const { cause } = guest.handles.get<IoError>(handle, "error");
        memory.putText(memory.at(result, 8, 4), messageOf(cause));
      }),
    },
    resources: ["error"],
  },
  "wasi:io/poll": { functions: poll, resources: ["pollable"] },
  "wasi:io/streams": {
    functions: { ...inputStream, ...outputStream },
    resources: ["input-stream", "output-stream"],
  },
};
