import { BandstandError } from "../../foundation/errors/index.ts";
import { printable } from "../../foundation/log/index.ts";
import type { ShownLine } from "../../node/admin/index.ts";
import type { LogsCall } from "../commands/logs.ts";
import type { ExitCode } from "../program/command.ts";
import { findSite } from "../status/find-site.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Log lines on stdout, until there are no more, nobody reads, or Ctrl-C. */
export async function logs({ positionals: [name = ""], flags }: LogsCall, terminal: Terminal): Promise<ExitCode> {
  const tail = Number(flags.tail ?? 100);
  if (!Number.isInteger(tail) || tail < 0) {
    throw new BandstandError("usage", `logs: --tail: expected a number of lines, got "${flags.tail}"`, {
      remedy: "For example --tail 20",
    });
  }
  const site = await findSite(flags.dir, terminal);
  for await (const line of site.logs(name, { tail, follow: flags.follow === true, signal: terminal.outputClosed })) {
    terminal.out(`${flags.json ? lineJson(line) : lineText(line)}\n`);
  }
  return 0;
}

/** With the time as every other line of JSON has it. */
function lineJson({ time, ...line }: ShownLine): string {
  return JSON.stringify({ ...(time !== undefined && { time: new Date(time).toISOString() }), ...line });
}

/** What a guest wrote may hold control characters, which would move the cursor. */
function lineText({ time, source, stream, text }: ShownLine): string {
  const clock = time === undefined ? "" : `${new Date(time).toTimeString().slice(0, 8)} `;
  const mark = stream === "info" || stream === "stdout" ? "" : `${stream} `;
  return `${clock}${source} ${mark}${printable(text)}`;
}
