import { fixFor } from "./complaints.ts";
import { broken, fine } from "./finding.ts";
import type { PodmanFinding } from "./finding.ts";
import { examineInfo, lastLines } from "./info.ts";
import { thisMachine } from "./machine.ts";
import type { PodmanMachine } from "./machine.ts";
import { examineHelpers, examineProgram, examineVersion } from "./programs.ts";
import { examineRootless } from "./rootless.ts";

/**
 * Everything that Podman needs here, in the order in which one would mend it. Looks only, but for a service that it starts
 * and ends as an engine would. With `CONTAINER_HOST` Podman runs elsewhere: only what answers there counts. Never throws.
 */
export async function diagnosePodman(machine: PodmanMachine = thisMachine()): Promise<PodmanFinding[]> {
  const elsewhere = machine.environment["CONTAINER_HOST"] ?? "";
  if (elsewhere !== "") return [await service(machine)];
  const program = await examineProgram(machine);
  // Without it there is nobody to ask for the rest, and one command installs it all.
  if (!program.ok) return [program];
  const before = [program, examineHelpers(machine), ...examineRootless(machine), ...(await examineInfo(machine))];
  // A service that cannot start would say once more, in other words, what is said already.
  return before.every(({ ok }) => ok) ? [...before, await service(machine)] : before;
}

async function service(machine: PodmanMachine): Promise<PodmanFinding> {
  const subject = "podman's service";
  const reached = await machine.reach();
  if ("error" in reached) return broken(subject, lastLines(reached.error), fixFor(reached.error));
  const version = examineVersion(reached.version);
  return version.ok ? fine(subject, `answers (${reached.version})`) : { ...version, subject };
}
