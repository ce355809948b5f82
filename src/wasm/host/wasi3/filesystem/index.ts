import { subtaskState } from "../../../async/index.ts";
import { host, type HostInterface } from "../../define.ts";
import { descriptorFunctions, descriptorOf } from "../../filesystem/descriptor-functions.ts";
import { filesystem as before } from "../../filesystem/index.ts";
import { pathFunctions } from "../../filesystem/path-functions.ts";
import type { Guest } from "../../guest.ts";
import { wasi3 } from "./dialect.ts";
import { readDirectory, readFile, writeFile } from "./streams.ts";

function isSame(guest: Guest, handle: number, other: number): boolean {
  return descriptorOf(guest, handle).isSameObject(descriptorOf(guest, other));
}

/**
 * https://github.com/WebAssembly/WASI/tree/main/proposals/filesystem: the directories that were granted to a command.
 * Under the gateway there are none, and so no descriptor either: whatever handle such a guest comes with is wrong.
 */
export const filesystem: Record<string, HostInterface> = {
  "wasi:filesystem/types": {
    functions: {
      ...descriptorFunctions(wasi3),
      ...pathFunctions(wasi3),
      "[method]descriptor.is-same-object": Object.assign(
        host("ii:i", (guest) => (handle: number, other: number) => Number(isSame(guest, handle, other))),
        {
          async: host("iii:i", (guest, memory) => (handle: number, other: number, result: number) => {
            memory.view.setUint8(memory.at(result, 1), Number(isSame(guest, handle, other)));
            return subtaskState.returned;
          }),
        },
      ),
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
