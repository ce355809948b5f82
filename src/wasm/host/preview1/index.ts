import { host, type Function, type HostInterface } from "../define.ts";
import { clockFunctions } from "./clocks.ts";
import { fdFunctions, filestatGet, seek } from "./fd.ts";
import { pathFilestatGet, pathFunctions } from "./path.ts";
import { pollOneoff, subscriptionLayouts } from "./poll.ts";
import { processFunctions, socketFunctions } from "./process.ts";
import { readdirFunctions } from "./readdir.ts";
import { statLayouts } from "./stat.ts";
import { streamFunctions } from "./streams.ts";
import { textFunctions } from "./texts.ts";

/** Those that are the same in both. */
const common: Record<string, Function> = {
  ...textFunctions,
  ...clockFunctions,
  ...fdFunctions,
  ...readdirFunctions,
  ...streamFunctions,
  ...pathFunctions,
  ...processFunctions,
  ...socketFunctions,
};
const { sock_accept: _later, ...before } = common;

/**
 * WASI 0.1, as modules import it: https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md, and the draft before it.
 * What is wrong with a call is its `errno`; a pointer that is no place in the memory, or not aligned, ends the program.
 */
export const preview1: Record<string, HostInterface> = {
  // Not of WASI: what Emscripten's modules for any host (-sSTANDALONE_WASM) call when their memory has grown.
  env: { functions: { emscripten_notify_memory_growth: host("i", () => () => {}) }, resources: [] },
  wasi_snapshot_preview1: {
    functions: {
      ...common,
      fd_seek: seek(["start", "current", "end"]),
      fd_filestat_get: filestatGet(statLayouts.snapshot),
      path_filestat_get: pathFilestatGet(statLayouts.snapshot),
      poll_oneoff: pollOneoff(subscriptionLayouts.snapshot),
    },
    resources: [],
  },
  wasi_unstable: {
    functions: {
      ...before,
      fd_seek: seek(["current", "end", "start"]),
      fd_filestat_get: filestatGet(statLayouts.unstable),
      path_filestat_get: pathFilestatGet(statLayouts.unstable),
      poll_oneoff: pollOneoff(subscriptionLayouts.unstable),
    },
    resources: [],
  },
};
