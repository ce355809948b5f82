/**
 * `npm run bench [-- --rounds N] [--seconds N] [--only TEXT]`: one core for the server, the
 * other for the load. Every round measures every case in turn, so that ratios pair figures of the same minutes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cases, wasmtimeName, type Case } from "./cases.ts";
import { load } from "./load.ts";
import { measures, type Comparison } from "./measures.ts";
import * as peers from "./peers.ts";
import { machine, onPath, usage } from "./process.ts";
import { missed, report, reportBeside, reportComparisons, reportNoise, type Figure } from "./report.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const needed = ["wrk", "nginx", "taskset"];
for (const program of needed) {
  if (!(await onPath(program))) {
    say(`bench: ${program} is missing; as root: apt-get install -y wrk nginx-light libnginx-mod-http-js util-linux`);
    process.exit(3);
  }
}
if (cpus().length < 2) say("bench: one core only, so load and server share it: the figures mean little");

const selected = cases.filter((entry) => values.only === undefined || needsRun(entry, values.only));
if (selected.some(({ name }) => name.startsWith(wasmtimeName)) && !(await onPath("wasmtime"))) {
  say("bench: wasmtime is not on the path, its cases are left out; to have them: cargo install wasmtime-cli --locked");
}
const folder = await mkdtemp(join(tmpdir(), "bandstand-bench-"));
const figures: Figure[] = [];
/** Of cases that missed, as a person would do it by hand. */
const repeated: Figure[] = [];
const roundsAgain = 3;
const comparisons: (Comparison & { name: string })[] = [];
const backendPort = 19_100;
const backend = await peers.backend(folder, backendPort);
try {
  for (let round = 1; round <= Number(values.rounds); round++) figures.push(...(await measureAll(selected, round)));
  const again = missed(selected, figures);
  if (again.length > 0) {
    say("once more, since they missed what they must reach, with what they are compared with:");
    const needed = selected.filter((entry) => again.includes(entry) || again.some((other) => isPeerOf(other, entry)));
    for (let round = 1; round <= roundsAgain; round++) repeated.push(...(await measureAll(needed, round)));
  }
  const wanted = measures.filter(({ name }) => values.only === undefined || name.includes(values.only));
  for (const [index, { name, run }] of wanted.entries()) {
    say(name);
    // What one fails of must not take with it what the others found.
    try {
      const found = await run({ folder, port: 19_200 + 3 * index, seconds: Number(values.seconds) });
      comparisons.push(...found.map((comparison) => ({ name, ...comparison })));
    } catch (error) {
      say(`bench: ${name} failed: ${error instanceof Error ? error.stack : String(error)}`);
      process.exitCode = 1;
    }
  }
} finally {
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
}
if (values.json) process.stdout.write(`${JSON.stringify({ figures, repeated, comparisons })}\n`);
else {
  if (figures.length > 0) process.stdout.write(`${tables(figures)}\n\n`);
  if (repeated.length > 0) process.stdout.write(`once more, what missed:\n${tables(repeated)}\n\n`);
  if (comparisons.length > 0) process.stdout.write(`${reportComparisons(comparisons)}\n`);
}

async function measure(entry: Case, port: number): Promise<Omit<Figure, "round"> | undefined> {
  const server = await entry.start(folder, port, backendPort);
  if (server === undefined) return undefined;
  const now = () => Promise.all([usage(server.pid), usage(backend.pid), machine()]);
  try {
    await load(`${server.origin}/`, 2, entry);
    const [before, backendBefore, machineBefore] = await now();
    const seen = await load(`${server.origin}/`, Number(values.seconds), entry);
    const [after, backendAfter, machineAfter] = await now();
    const used = after.cpuSeconds - before.cpuSeconds;
    const ours = used + backendAfter.cpuSeconds - backendBefore.cpuSeconds + seen.cpuSeconds;
    const all = machineAfter.busy + machineAfter.stolen - machineBefore.busy - machineBefore.stolen;
    const others = Math.max(0, all - ours) / seen.seconds;
    const cpuMicroseconds = (used / seen.requests) * 1e6;
    return { name: entry.name, ...seen, cpuMicroseconds, memoryBytes: after.memoryBytes, others };
  } finally {
    await server.stop();
  }
}

/** Each once, in turn; those whose server is not installed are left out. */
async function measureAll(entries: Case[], round: number): Promise<Figure[]> {
  const seen: Figure[] = [];
  for (const [index, entry] of entries.entries()) {
    say(`round ${round}: ${entry.name}`);
    const figure = await measure(entry, 19_101 + index);
    if (figure !== undefined) seen.push({ ...figure, round });
  }
  return seen;
}

function isPeerOf({ against, beside = [] }: Case, entry: Case): boolean {
  return against === entry.name || beside.some(({ name }) => name === entry.name);
}

/** A case that was asked for, or one that such a case is compared with. */
function needsRun(entry: Case, text: string): boolean {
  return entry.name.includes(text) || cases.some((other) => other.name.includes(text) && isPeerOf(other, entry));
}

function tables(all: Figure[]): string {
  return [report(selected, all), reportBeside(selected, all), reportNoise(all)]
    .filter((text) => text !== "")
    .join("\n\n");
}
