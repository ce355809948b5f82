/**
 * `npm run bench [-- --rounds N] [--seconds N] [--only TEXT] [--component FILE]`: one core for the server, the
 * other for the load. Every round measures every case in turn, so that ratios pair figures of the same minutes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cases, type Case } from "./cases.ts";
import { load } from "./load.ts";
import { measures, type Comparison } from "./measures.ts";
import * as peers from "./peers.ts";
import { onPath, usage } from "./process.ts";
import { report, reportComparisons, type Figure } from "./report.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    only: { type: "string" },
    component: { type: "string" },
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
if (values.component !== undefined) selected.push(...wasmtimeCases(values.component));
const folder = await mkdtemp(join(tmpdir(), "bandstand-bench-"));
const figures: Figure[] = [];
const comparisons: (Comparison & { name: string })[] = [];
const backendPort = 19_100;
const backend = await peers.backend(folder, backendPort);
try {
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [index, entry] of selected.entries()) {
      say(`round ${round}: ${entry.name}`);
      const figure = await measure(entry, 19_101 + index);
      if (figure === undefined) say(`  not on the path, left out`);
      else figures.push({ ...figure, round });
    }
  }
  const wanted = measures.filter(({ name }) => values.only === undefined || name.includes(values.only));
  for (const [index, { name, run }] of wanted.entries()) {
    say(name);
    const found = await run({ folder, port: 19_200 + 3 * index, seconds: Number(values.seconds) });
    comparisons.push(...found.map((comparison) => ({ name, ...comparison })));
  }
} finally {
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
}
if (values.json) process.stdout.write(`${JSON.stringify({ figures, comparisons })}\n`);
else {
  if (figures.length > 0) process.stdout.write(`${report(selected, figures)}\n`);
  if (comparisons.length > 0) process.stdout.write(`${reportComparisons(comparisons)}\n`);
}

async function measure(entry: Case, port: number): Promise<Omit<Figure, "round"> | undefined> {
  const server = await entry.start(folder, port, backendPort);
  if (server === undefined) return undefined;
  try {
    await load(`${server.origin}/`, 2, entry);
    const before = await usage(server.pid);
    const seen = await load(`${server.origin}/`, Number(values.seconds), entry);
    const after = await usage(server.pid);
    const cpu = ((after.cpuSeconds - before.cpuSeconds) / seen.requests) * 1e6;
    return { name: entry.name, ...seen, cpuMicroseconds: cpu, memoryBytes: after.memoryBytes };
  } finally {
    await server.stop();
  }
}

/** A case that was asked for, or one that such a case is compared with. */
function needsRun(entry: Case, text: string): boolean {
  return entry.name.includes(text) || cases.some((other) => other.name.includes(text) && other.against === entry.name);
}

function wasmtimeCases(component: string): Case[] {
  return [false, true].map((reuse) => ({
    name: `wasmtime serve${reuse ? ", reused" : ""}`,
    against: "bare Node http",
    start: (_folder, port) => peers.wasmtime(component, port, reuse),
  }));
}
