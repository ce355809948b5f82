import { closeSync, constants, openSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";

/** What fits into `sun_path`, with its NUL. macOS has 104. */
const longest = 103;

/** A path that names a unix socket for the kernel, and what keeps it valid. */
export interface SocketPath {
  path: string;
  /** Call when the path is not needed any more. */
  release(): void;
}

/**
 * Unix sockets' paths are short in the kernel; state folders are not. A longer one is reached through a
 * descriptor of its folder. Throws `environment` where the folder is not there or the system has no `/proc`.
 */
export function shortSocketPath(path: string): SocketPath {
  if (Buffer.byteLength(path) <= longest) return { path, release: () => {} };
  if (process.platform !== "linux") {
    throw new BandstandError("environment", `the socket's path has more than ${longest} bytes: ${path}`, {
      remedy: "set BANDSTAND_STATE to a folder with a shorter path",
    });
  }
  let folder: number;
  try {
    folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw new BandstandError("environment", `the folder of ${path} cannot be opened`, {
      remedy: "check that it is there and yours",
      cause: error,
    });
  }
  let open = true;
  return {
    path: join(`/proc/self/fd/${folder}`, basename(path)),
    release() {
      if (open) closeSync(folder);
      open = false;
    },
  };
}
