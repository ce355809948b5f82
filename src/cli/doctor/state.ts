import { access, constants, lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "../../foundation/errors/index.ts";
import { stateRoot } from "../../node/state/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Finding } from "./finding.ts";

/** Whether state can be kept where it belongs. Looks only. */
export async function examineState({ environment }: Terminal): Promise<Finding> {
  const { path, chosen } = stateRoot(environment);
  const subject = "state folder";
  const fix = "Choose a folder of your own: export BANDSTAND_STATE=DIR";
  try {
    const found = await lstat(path);
    const user = process.getuid?.();
    if (!found.isDirectory()) return { subject, state: "problem", message: `${path} is no folder`, fix };
    if (user !== undefined && found.uid !== user) {
      return { subject, state: "problem", message: `${path} belongs to user ${found.uid}`, fix };
    }
    if (chosen && (found.mode & 0o077) !== 0) {
      const mode = (found.mode & 0o777).toString(8);
      return { subject, state: "problem", message: `${path} has mode ${mode}, expected 700`, fix: `chmod 700 ${path}` };
    }
    await access(path, constants.W_OK);
    return { subject, state: "ok", message: path };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      return { subject, state: "problem", message: messageOf(error), fix };
    }
    const parent = await nearest(dirname(path));
    const writable = await access(parent, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (writable) return { subject, state: "ok", message: `${path} (made when it is needed)` };
    return { subject, state: "problem", message: `${path} cannot be made: ${parent} is not writable`, fix };
  }
}

/** The nearest folder above that is there. */
async function nearest(path: string): Promise<string> {
  const there = await access(path).then(
    () => true,
    () => false,
  );
  return there || path === dirname(path) ? path : nearest(dirname(path));
}
