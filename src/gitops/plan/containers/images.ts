import type { ContainerPlan } from "../../../model/plan/index.ts";

const local = "localhost/";

/** Whether an image lives in this machine's store only: nothing can be pulled for it. */
function isLocal(image: string): boolean {
  return image.startsWith(local);
}

/**
 * Kubernetes' rule: `Always` for `:latest` or no tag, else `IfNotPresent`. What was built here is never
 * pulled, and other `localhost/` images only if they are asked for.
 */
export function pullPolicyOf(
  image: string,
  written: ContainerPlan["pullPolicy"] | undefined,
  built: boolean,
): ContainerPlan["pullPolicy"] {
  if (built) return "Never";
  if (written !== undefined) return written;
  return !isLocal(image) && isLatest(image) ? "Always" : "IfNotPresent";
}

function isLatest(image: string): boolean {
  if (image.includes("@")) return false;
  const name = image.slice(image.lastIndexOf("/") + 1);
  return !name.includes(":") || name.endsWith(":latest");
}
