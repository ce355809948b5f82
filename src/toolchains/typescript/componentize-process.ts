// Runs as a process of its own: BUNDLE WIT COMPONENT.
import { accessSync, constants } from "node:fs";
import { writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { componentize } from "@bytecodealliance/componentize-js";

const [sourcePath = "", witPath = "", component = ""] = process.argv.slice(2);

try {
  const built = await componentize({ sourcePath, witPath, worldName: "guest", env: environment() });
  await writeFile(component, built.component);
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/**
 * The tool keeps what it compiled in the user's home, as the system knows it, and ends where it cannot. What it is
 * given becomes part of the component: so nothing, unless that must be, and then a name that is the same everywhere.
 */
function environment(): Record<string, string> {
  try {
    accessSync(userInfo().homedir, constants.W_OK);
    return {};
  } catch {
    return { HOME: "/proc/self/cwd" };
  }
}
