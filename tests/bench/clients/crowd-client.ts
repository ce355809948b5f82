import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadCore } from "../process.ts";

const run = promisify(execFile);

/** What `native/crowd.c` says of a kind of requests. Counts are for a second. */
export interface Seen {
  kind: string;
  good: number;
  refused: number;
  late: number;
  failed: number;
  p99: number;
}

/** Milliseconds within which an answer is any good. */
const deadline = 1000;

/** Asks for `counted` seconds after `warm`, with kinds of requests as `native/crowd.c` takes them. */
export type Crowd = (warm: number, counted: number, kinds: string[], header?: string) => Promise<Seen[]>;

/** Builds the client, which asks a port of this machine from the load's core. */
export async function crowdClient(folder: string, port: number): Promise<Crowd> {
  const program = join(folder, "crowd-client");
  await run("clang", ["-O2", "-o", program, join(import.meta.dirname, "../native/crowd.c"), "-lm"]);
  return async (warm, counted, kinds, header) => {
    const words = ["127.0.0.1", ...[port, warm, counted, deadline].map(String), ...kinds];
    const env = { ...process.env, ...(header && { HEADER: header }) };
    const { stdout } = await run("taskset", ["-c", loadCore, program, ...words], { env });
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Seen);
  };
}
