import { host, type HostInterface } from "../define.ts";

const levels = ["debug", "debug", "info", "warn", "error", "error"] as const;

/** https://github.com/WebAssembly/wasi-logging */
export const logging: Record<string, HostInterface> = {
  "wasi:logging/logging": {
    functions: {
      log: host("iiiii", (guest, memory) => (level: number, at: number, size: number, text: number, length: number) => {
        const context = memory.text(at, size);
        const found = levels[level];
        if (found === undefined) throw guest.fail("component-trapped", `there is no log level ${level}`);
        guest.log(found, memory.text(text, length), context === "" ? {} : { context });
      }),
    },
    resources: [],
  },
};
