import type { DoctorCall } from "../commands/doctor.ts";
import type { ExitCode } from "../program/command.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { examine } from "./examine.ts";
import type { Finding } from "./finding.ts";

/** What the machine has and lacks, on stdout. 3 where something that is needed is missing. */
export async function doctor({ positionals: [dir], flags }: DoctorCall, terminal: Terminal): Promise<ExitCode> {
  const findings = await examine(dir, terminal);
  terminal.out(flags.json ? `${JSON.stringify({ findings }, undefined, 2)}\n` : findings.map(findingText).join(""));
  return findings.some(({ state }) => state === "problem") ? 3 : 0;
}

export function findingText({ state, subject, message, fix }: Finding): string {
  const mark = { ok: "ok      ", missing: "missing ", problem: "problem " }[state];
  const rows = [`${mark} ${subject}: ${message}`];
  if (fix !== undefined) rows.push(...fix.split("\n").map((line) => `         ${line}`));
  return `${rows.join("\n")}\n`;
}
