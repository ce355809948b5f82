import { FileError } from "../../files/index.ts";
import { host, type HostInterface } from "../define.ts";
import type { IoError } from "../io/index.ts";
import { descriptorFunctions } from "./descriptor-functions.ts";
import { numberOf, wasi2 } from "./dialect.ts";
import { fileFunctions } from "./file-functions.ts";
import { pathFunctions } from "./path-functions.ts";
import { DescriptorResource, type DirectoryEntryStream } from "./resources.ts";
import { putResult } from "../results.ts";
import { numberOfType } from "./values.ts";

/** A `result<option<directory-entry>, error-code>`. */
const entry = { size: 20, align: 4, payload: 4 } as const;

/**
 * https://github.com/WebAssembly/wasi-filesystem: the directories that were granted to a guest. Components under the
 * gateway have none, and so no descriptor either: whatever handle such a guest comes with is wrong.
 */
export const filesystem: Record<string, HostInterface> = {
  "wasi:filesystem/types": {
    functions: {
      ...descriptorFunctions(wasi2),
      ...fileFunctions,
      ...pathFunctions(wasi2),
      "[method]directory-entry-stream.read-directory-entry": host(
        "ii",
        (guest, memory) => (handle: number, result: number) => {
          const { reader } = guest.handles.get<DirectoryEntryStream>(handle, "directory-entry-stream");
          putResult(
            entry,
            wasi2.told,
            memory,
            result,
            () => reader.next(),
            (at, next) => {
              memory.view.setUint8(at, Number(next !== undefined));
              if (next === undefined) return;
              memory.putText(at + 8, next.name);
              memory.view.setUint8(at + 4, numberOfType(next.type));
            },
          );
        },
      ),
      "filesystem-error-code": host("ii", (guest, memory) => (error: number, result: number) => {
        const { cause } = guest.handles.get<IoError>(error, "error");
        const at = memory.at(result, 2);
        const isFiles = cause instanceof FileError;
        memory.view.setUint8(at, Number(isFiles));
        if (isFiles) memory.view.setUint8(at + 1, numberOf(cause.code));
      }),
    },
    resources: ["descriptor", "directory-entry-stream"],
  },
  "wasi:filesystem/preopens": {
    functions: {
      "get-directories": host("i", (guest, memory) => (result: number) => {
        const { directories } = guest;
        const at = memory.at(result, 8, 4);
        const list = memory.allocate(directories.length * 12, 4);
        for (const [i, { guest: name, descriptor }] of directories.entries()) {
          const handle = guest.handles.add(new DescriptorResource(descriptor.share()));
          memory.putText(list + i * 12 + 4, name);
          memory.view.setUint32(list + i * 12, handle, true);
        }
        memory.view.setUint32(at, list, true);
        memory.view.setUint32(at + 4, directories.length, true);
      }),
    },
    resources: [],
  },
};
