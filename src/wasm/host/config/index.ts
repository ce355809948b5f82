import { putPairs } from "../cli/index.ts";
import { host, type HostInterface } from "../define.ts";

const store: HostInterface = {
  functions: {
    get: host("iii", (guest, memory) => (pointer: number, size: number, result: number) => {
      const at = memory.at(result, 16, 4);
      const value = guest.component.valueOf(memory.text(pointer, size));
      if (value !== undefined) memory.putText(at + 8, value);
      memory.view.setUint8(at, 0);
      memory.view.setUint8(at + 4, value === undefined ? 0 : 1);
    }),
    "get-all": host("i", (guest, memory) => (result: number) => {
      const at = memory.at(result, 16, 4);
      putPairs(memory, at + 4, guest.component.config);
      memory.view.setUint8(at, 0);
    }),
  },
  resources: [],
};

/** https://github.com/WebAssembly/wasi-config; `runtime` is its name in older drafts. */
export const config: Record<string, HostInterface> = { "wasi:config/store": store, "wasi:config/runtime": store };
