import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, runQuietly } from "../../../setup/progress.mjs";
import { writeGuests } from "./guests.mjs";

const main = join(root, "dist/cli/main.cjs");

/**
 * Calls the commands that should be there at once as people call them most, and keeps beside the program what V8 compiled then
 * (`start.cjs`): some 1.4 MB. Those that work on sites would make that four. Node of another version, or on another kind of machine,
 * does not take it, and keeps its own.
 */
const scratch = await mkdtemp(join(tmpdir(), "bandstand-rehearsal-"));
try {
  const { one, reads, adapted, two, three } = await writeGuests(join(scratch, "guests"));
  const site = join(scratch, "site");
  await mkdir(site);
  const guests = [one, reads, adapted, two, three];
  const runs = [...guests.map((guest) => ["run", guest]), ["run", "--dir", site, one]];
  const commands = [
    // First with nothing prepared, of which the code of what prepares is kept, and then as from the second time on.
    { command: "run", calls: runs, without: [] },
    { command: "run", calls: runs, without: ["others"] },
    { command: "help", calls: [["--help"], ["run", "--help"]], without: [] },
    { command: "version", calls: [["version"]], without: [] },
    { command: "completion", calls: ["bash", "zsh", "fish"].map((shell) => ["completion", shell]), without: [] },
  ];
  for (const { command, calls, without } of commands) {
    const args = [
      join(import.meta.dirname, "rehearse.cjs"),
      main,
      command,
      JSON.stringify(calls),
      JSON.stringify(without),
    ];
    await runQuietly(process.execPath, args, { env: environment() });
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Nothing of who builds is used, or changed. */
function environment() {
  const { NODE_COMPILE_CACHE: _, NODE_OPTIONS: __, ...rest } = process.env;
  return { ...rest, BANDSTAND_STATE: join(scratch, "state"), XDG_CACHE_HOME: join(scratch, "cache") };
}
