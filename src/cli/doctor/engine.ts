import type { PodmanFinding } from "../../containers/index.ts";
import type { Finding } from "./finding.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Podman, and what it needs on this machine. What is not there is a problem only where a site has containers. */
export async function examineEngine(needed: boolean, environment: Environment): Promise<Finding[]> {
  // Loaded here, since nothing else of this command needs what runs containers.
  const { diagnosePodman, thisMachine } = await import("../../containers/index.ts");
  return (await diagnosePodman(thisMachine({ ...environment }))).map((finding) => findingOf(finding, needed));
}

export function findingOf({ subject, ok, message, fix }: PodmanFinding, needed: boolean): Finding {
  const state = ok ? "ok" : needed ? "problem" : "missing";
  return { subject, state, message, ...(fix === undefined ? {} : { fix }) };
}
