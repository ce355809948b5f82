import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { hasErrors, loadSite } from "../../gitops/site.ts";
import type { CheckCall } from "../commands/check.ts";
import type { ExitCode } from "../program/command.ts";
import { countText, problemTexts } from "../problems/show.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { resolveTools } from "../wiring/tools.ts";

/** All problems at once, on stdout. Builds nothing; prepares the components that are there as files. */
export async function check({ positionals: [dir = "."], flags }: CheckCall, terminal: Terminal): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, dir);
  const scratch = await mkdtemp(join(tmpdir(), "bandstand-check-"));
  try {
    const tools = await resolveTools({ prepared: join(scratch, "prepared"), built: join(scratch, "built") });
    const allowPrivileged = flags["allow-privileged"];
    const { problems } = await loadSite(folder, { tools, builds: "skip", ...(allowPrivileged && { allowPrivileged }) });
    if (flags.json) terminal.out(`${JSON.stringify({ problems }, undefined, 2)}\n`);
    else {
      const root = await realpath(folder).catch(() => folder);
      const texts = await problemTexts(problems, root);
      terminal.out([...texts, `${dir}: ${countText(problems)}\n`].join(texts.length > 0 ? "\n" : ""));
    }
    return hasErrors(problems) || (flags.strict && problems.length > 0) ? 1 : 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
