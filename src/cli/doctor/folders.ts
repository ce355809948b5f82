import type { StatsFs } from "node:fs";
import { access, constants, lstat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { shellWord, whyUnreadable } from "../../foundation/files/index.ts";
import { cachePlaces, stateRoot } from "../../node/state/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Finding } from "./finding.ts";

/** A folder that we write into. */
interface Wanted {
  subject: string;
  path: string;
  /** It has to be ours alone; one that was made for more than us need not be. */
  alone: boolean;
  /** How grave it is where it cannot be had. */
  state: "missing" | "problem";
  /** What for, where not every command needs it. */
  need: string;
  /** How another is chosen. */
  fix: string;
}

/** Whether what is kept on disk can be kept where it belongs. Looks only. */
export async function examineFolders({ environment }: Terminal): Promise<Finding[]> {
  const { path, chosen } = stateRoot(environment);
  return [
    await examineFolder({
      subject: "state folder",
      path,
      alone: chosen,
      state: "problem",
      need: "",
      fix: "Choose a folder of your own: export BANDSTAND_STATE=DIR",
    }),
    await examineFolder({
      subject: "cache folder",
      path: cachePlaces(environment).prepared,
      alone: true,
      // `up` keeps what it prepares in the site's state.
      state: "missing",
      need: "; run and serve keep nothing without it",
      fix: "Choose a folder of your own: export XDG_CACHE_HOME=DIR",
    }),
  ];
}

async function examineFolder(wanted: Wanted): Promise<Finding> {
  const { subject, path, state, need, fix } = wanted;
  const wrong = (why: string, remedy = fix): Finding => ({
    subject,
    state,
    message: `${path} ${why}${need}`,
    fix: remedy,
  });
  try {
    const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    const place = found === undefined ? await nearest(dirname(path)) : path;
    if (found !== undefined) {
      const user = process.getuid?.();
      if (!found.isDirectory()) return wrong("is no folder");
      if (user !== undefined && found.uid !== user) return wrong(`belongs to user ${found.uid}`);
      const mode = (found.mode & 0o777).toString(8);
      if (wanted.alone && (found.mode & 0o077) !== 0)
        return wrong(`has mode ${mode}, expected 700`, `chmod 700 ${shellWord(path)}`);
    }
    if (!(await isWritable(place)))
      return wrong(found === undefined ? `cannot be made: ${place} is not writable` : "is not writable");
    const room = lackOfRoom(await statfs(place));
    if (room !== undefined) return wrong(room, `Free some there (df ${shellWord(place)} tells), or: ${lowered(fix)}`);
    return { subject, state: "ok", message: found === undefined ? `${path} (made when it is needed)` : path };
  } catch (error) {
    return wrong(whyUnreadable(error));
  }
}

/** A few components that hold a JavaScript engine take so much when they are prepared. Bytes. */
const leastRoom = 64 << 20;

/** What is said of a file system that is full, or nearly; undefined: there is room. */
export function lackOfRoom({ bavail, bsize, files, ffree }: Pick<StatsFs, "bavail" | "bsize" | "files" | "ffree">) {
  const free = bavail * bsize;
  if (free < leastRoom) {
    const said = free >= 1 << 20 ? `${Math.floor(free / (1 << 20))} MiB are` : "nothing is";
    return `is on a disk where ${said} free, expected ${leastRoom >> 20} MiB`;
  }
  // Some file systems do not count them.
  return files > 0 && ffree === 0 ? "is on a disk that takes no more files" : undefined;
}

function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The nearest folder above that is there. */
async function nearest(path: string): Promise<string> {
  const there = await access(path).then(
    () => true,
    () => false,
  );
  return there || path === dirname(path) ? path : nearest(dirname(path));
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
