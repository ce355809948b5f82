import type { Finding } from "./finding.ts";

/** Podman, and what it needs on this machine. */
export async function examineEngine(_needed: boolean): Promise<Finding[]> {
  return [];
}
