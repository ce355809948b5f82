import { host, type Function, type HostInterface } from "../define.ts";

/** Methods of descriptors, of which the gateway gives none: whatever handle a guest comes with is wrong. */
const methods: Record<string, string> = {
  "read-via-stream": "iIi",
  "write-via-stream": "iIi",
  "append-via-stream": "ii",
  advise: "iIIii",
  "sync-data": "ii",
  "get-flags": "ii",
  "get-type": "ii",
  "set-size": "iIi",
  "set-times": "iiIiiIii",
  read: "iIIi",
  write: "iiiIi",
  "read-directory": "ii",
  sync: "ii",
  "create-directory-at": "iiii",
  stat: "ii",
  "stat-at": "iiiii",
  "set-times-at": "iiiiiIiiIii",
  "link-at": "iiiiiiii",
  "open-at": "iiiiiii",
  "readlink-at": "iiii",
  "remove-directory-at": "iiii",
  "rename-at": "iiiiiii",
  "symlink-at": "iiiiii",
  "unlink-file-at": "iiii",
  "is-same-object": "ii:i",
  "metadata-hash": "ii",
  "metadata-hash-at": "iiiii",
};

/** A method of a resource that no guest has: its handle cannot be right. */
export function methodOfNone(resource: string, signature: string): Function {
  return host(signature, (guest) => (handle: number) => guest.handles.get(handle, resource));
}

/** https://github.com/WebAssembly/wasi-filesystem: a file system with nothing in it, for guests that import it unused. */
export const filesystem: Record<string, HostInterface> = {
  "wasi:filesystem/types": {
    functions: {
      ...Object.fromEntries(
        Object.entries(methods).map(([name, signature]) => [
          `[method]descriptor.${name}`,
          methodOfNone("descriptor", signature),
        ]),
      ),
      "[method]directory-entry-stream.read-directory-entry": methodOfNone("directory-entry-stream", "ii"),
      "filesystem-error-code": host("ii", (guest, memory) => (error: number, result: number) => {
        guest.handles.get(error, "error");
        memory.view.setUint8(memory.at(result, 2), 0);
      }),
    },
    resources: ["descriptor", "directory-entry-stream"],
  },
  "wasi:filesystem/preopens": {
    functions: {
      "get-directories": host("i", (_, memory) => (result: number) => {
        const at = memory.at(result, 8, 4);
        memory.view.setUint32(at, 4, true);
        memory.view.setUint32(at + 4, 0, true);
      }),
    },
    resources: [],
  },
};
