// Writes the parts of docs/reference.md that the code knows: commands, error codes, problem codes, metrics.
// With --check, says whether they are stale and changes nothing.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "../src/cli/commands.ts";
import { commandHelp } from "../src/cli/program/help.ts";
import { allCommands } from "../src/cli/program/run.ts";
import { BandstandError, errorDefinitions } from "../src/foundation/errors/index.ts";
import type { ErrorCode, ErrorDefinition } from "../src/foundation/errors/index.ts";
import { GatewayMetrics } from "../src/gateway/metrics/metrics.ts";
import { processMetrics } from "../src/gateway/metrics/process.ts";
import { problemCodes } from "../src/model/problem/problem.ts";

const file = join(import.meta.dirname, "../docs/reference.md");
const parts: Record<string, string> = {
  commands: await commands(),
  errors: errors(),
  problems: problems(),
  metrics: metrics(),
};
const before = readFileSync(file, "utf8");
const after = Object.entries(parts).reduce((text, [name, part]) => {
  const [begin, end] = [`<!-- generated: ${name} -->`, "<!-- end -->"];
  const from = text.indexOf(begin) + begin.length;
  if (from < begin.length) throw new Error(`docs/reference.md has no place for ${name}: ${begin}`);
  return `${text.slice(0, from)}\n\n${part}\n\n${text.slice(text.indexOf(end, from))}`;
}, before);

if (after !== before) {
  if (process.argv.includes("--check")) {
    process.stderr.write("stale: docs/reference.md; write it: node scripts/reference.ts\n");
    process.exitCode = 1;
  } else writeFileSync(file, after);
}

async function commands(): Promise<string> {
  return (await allCommands(program))
    .map((command) => `### bandstand ${command.name}\n\n\`\`\`\n${commandHelp(command).trimEnd()}\n\`\`\``)
    .join("\n\n");
}

function errors(): string {
  const rows = (Object.keys(errorDefinitions()) as ErrorCode[]).map((code) => {
    const { fault, retry, exitCode } = new BandstandError(code, "");
    const definition: ErrorDefinition = errorDefinitions()[code];
    const status = String(definition.status ?? "");
    return [`\`${code}\``, fault, retry, status === "" ? String(exitCode) : "", status];
  });
  return table(["code", "whose", "try again", "exit code", "HTTP status"], rows);
}

function problems(): string {
  return problemCodes.map((code) => `\`${code}\``).join(", ");
}

function metrics(): string {
  const found = [
    ...new GatewayMetrics().snapshot({ connections: 0, refused: 0, backendConnections: 0, unavailable: new Map() }),
    ...processMetrics(0, 0),
  ];
  const rows = found.map(({ name, type, help }) => [`\`${name}\``, type, help]);
  return table(["metric", "type", "counts"], rows);
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
