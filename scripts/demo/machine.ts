import { spawnSync } from "node:child_process";
// @ts-expect-error: a script without dependencies, so without types
import { image, makeBaseImage } from "../base-image.mjs";
import { program, storefront } from "./paths.ts";
import { patiently, say } from "./say.ts";

interface Finding {
  subject: string;
  state: "ok" | "missing" | "problem";
  message: string;
  fix?: string;
}

/** Whether containers run here; says why not, and what would change that. */
export async function canRunContainers(): Promise<boolean> {
  const { stdout, error } = spawnSync(program, ["doctor", storefront, "--json"], { encoding: "utf8" });
  if (error) throw error;
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  const broken = findings.filter(
    ({ subject, state }) => state === "problem" && /podman|cgroup|container/.test(subject),
  );
  if (broken.length === 0) return provideBaseImage();
  say("no containers here; a small process stands in for the one of the shop:");
  for (const { subject, message, fix } of broken) say(`  ${subject}: ${message}${fix ? `\n        ${fix}` : ""}`);
  return false;
}

/** The image that the shop's own is built on. Without it there is nothing to run. */
async function provideBaseImage(): Promise<boolean> {
  try {
    await patiently("base image", async () => makeBaseImage({ log: say }));
    return true;
  } catch (error) {
    say(`no base image, so no container; a small process stands in for it: ${(error as Error).message}`);
    return false;
  }
}

export { image as baseImage };
