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

/** What of the shop can be done here. */
export interface Machine {
  containers: boolean;
  /** Components in C can be compiled. */
  c: boolean;
}

/** Finds out; says what is missing and what would change that. */
export async function examineMachine(): Promise<Machine> {
  const { stdout, error } = spawnSync(program, ["doctor", storefront, "--json"], { encoding: "utf8" });
  if (error) throw error;
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  const podman = findings.filter(({ subject, state }) => state === "problem" && /podman|cgroup/.test(subject));
  const compiler = findings.filter(({ subject, state }) => state !== "ok" && subject === "compiler for C");
  explain("no containers here; a small process stands in for the one of the shop", podman);
  explain("the shop goes without security-headers, its filter in C", compiler);
  return { containers: podman.length === 0 && (await provideBaseImage()), c: compiler.length === 0 };
}

function explain(consequence: string, findings: Finding[]): void {
  if (findings.length === 0) return;
  say(`${consequence}:`);
  for (const { subject, message, fix } of findings) say(`  ${subject}: ${message}${fix ? `\n        ${fix}` : ""}`);
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
