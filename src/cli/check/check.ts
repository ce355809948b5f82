import { join } from "node:path";
import { withScratch } from "../../foundation/files/index.ts";
import type { ComponentFacts } from "../../gitops/components.ts";
import { hasErrors, loadSite, type LoadedSite } from "../../gitops/site.ts";
import type { SitePlan } from "../../model/plan/index.ts";
import type { CheckCall } from "../commands/check.ts";
import type { ExitCode } from "../program/command.ts";
import { interruptible } from "../program/interruptible.ts";
import { countText, problemTexts } from "../problems/show.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { existingFolder } from "../up/folder.ts";
import { resolveTools } from "../wiring/tools.ts";

/** All problems at once, on stdout. Builds nothing; prepares the components that are there as files. */
export async function check({ positionals: [dir = "."], flags }: CheckCall, terminal: Terminal): Promise<ExitCode> {
  const folder = await existingFolder(dir, terminal.cwd);
  const allowPrivileged = flags["allow-privileged"];
  const load = async (signal: AbortSignal, scratch: string): Promise<LoadedSite> => {
    const tools = await resolveTools({ prepared: join(scratch, "prepared"), built: join(scratch, "built") });
    return loadSite(folder, { tools, builds: "skip", signal, ...(allowPrivileged && { allowPrivileged }) });
  };
  const { problems, plan, components } = await interruptible((signal) =>
    withScratch("check", (scratch) => load(signal, scratch)),
  );
  const told = { problems, ...(flags.verbose && { components }) };
  if (flags.json) terminal.out(`${JSON.stringify(told, undefined, 2)}\n`);
  else {
    const texts = await problemTexts(problems, folder);
    const nothing = describesNothing(plan) ? "; it describes nothing to serve" : "";
    const facts = flags.verbose && components.length > 0 ? [components.map(factText).join("")] : [];
    terminal.out(
      [...texts, ...facts, `${dir}: ${countText(problems)}${nothing}\n`].join(
        texts.length + facts.length > 0 ? "\n" : "",
      ),
    );
  }
  return hasErrors(problems) || (flags.strict && problems.length > 0) ? 1 : 0;
}

/** What serves a request, as a person reads it. */
const served = {
  reset: "an instance that is reset to how it started",
  new: "a new instance",
  reused: "an instance as the last request left it",
  process: "a process of WasmEdge",
};

function factText({ namespace, name, digest, instances, why }: ComponentFacts): string {
  const reason = why === undefined ? "" : `: ${why}`;
  const short = digest.replace("sha256:", "").slice(0, 12);
  return `WasmComponent ${namespace}/${name} (${short}): each request gets ${served[instances]}${reason}\n`;
}

/** Most likely the wrong folder. */
function describesNothing({ gateway, containers }: SitePlan): boolean {
  return gateway.listeners.length === 0 && containers.pods.length === 0;
}
