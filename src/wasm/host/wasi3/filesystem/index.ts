import { filesystem as before } from "../../filesystem/index.ts";
import { host, type HostInterface } from "../../define.ts";
import { descriptorFunctions } from "./descriptor-functions.ts";
import { descriptorOf } from "../../filesystem/file-functions.ts";
import { pathFunctions } from "./path-functions.ts";
import { readDirectory, readFile, writeFile } from "./streams.ts";

/**
 * https://github.com/WebAssembly/WASI/tree/main/proposals/filesystem: the directories that were granted to a command.
 * Under the gateway there are none, and so no descriptor either: whatever handle such a guest comes with is wrong.
 */
export const filesystem: Record<string, HostInterface> = {
  "wasi:filesystem/types": {
    functions: {
      ...descriptorFunctions,
      ...pathFunctions,
      "[method]descriptor.read-via-stream": host(
        "iIi",
        (guest, memory) => (handle: number, offset: bigint, result: number) =>
          readFile(guest, memory, descriptorOf(guest, handle), offset, result),
      ),
      "[method]descriptor.write-via-stream": host(
        "iiI:i",
        (guest) => (handle: number, stream: number, offset: bigint) =>
          writeFile(guest, descriptorOf(guest, handle), stream, offset),
      ),
      "[method]descriptor.append-via-stream": host(
        "ii:i",
        (guest) => (handle: number, stream: number) => writeFile(guest, descriptorOf(guest, handle), stream, undefined),
      ),
      "[method]descriptor.read-directory": host(
        "ii",
        (guest, memory) => (handle: number, result: number) =>
          readDirectory(guest, memory, descriptorOf(guest, handle), result),
      ),
    },
    resources: ["descriptor"],
  },
  "wasi:filesystem/preopens": before["wasi:filesystem/preopens"]!,
};
