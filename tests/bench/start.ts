import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { componentNew, preview1AdapterCommandPath } from "@bytecodealliance/jco";
import { buildComponent } from "../../src/toolchains/index.ts";
import { buildService } from "../guests/wasi3/build.ts";
import type { Comparison, Measure, Place } from "./measures.ts";
import { median } from "./report.ts";

const root = join(import.meta.dirname, "../..");
const program = join(root, "bin/bandstand");

interface Taken {
  /** Milliseconds from the call to the end. */
  wall: number;
  /** User and system, of the process and what it waited for. */
  cpu: number;
}

/** Whole processes, each in turn with `node -e 0` of the same Node: by time, and by CPU time, which other work lengthens less. */
async function startsOf({ folder }: Place): Promise<Comparison[]> {
  const source = join(folder, "start.c");
  const hello = join(folder, "start.wasm");
  await writeFile(source, '#include <stdio.h>\nint main(void) { puts("Hello, world!"); return 0; }\n');
  await promisify(execFile)("clang", ["--target=wasm32-wasi", "--sysroot=/usr", "-O2", "-o", hello, source]);
  const component = join(folder, "start-2.wasm");
  const adapter = ["wasi_snapshot_preview1", await readFile(preview1AdapterCommandPath())] as [string, Uint8Array];
  await writeFile(component, await componentNew(await readFile(hello), [adapter]));
  const asynchronous = join(folder, "start-3.wasm");
  await writeFile(asynchronous, await buildService("prints"));
  const checkout = { XDG_CACHE_HOME: join(folder, "start-cache"), BANDSTAND_STATE: join(folder, "start-state") };
  const bundle = { ...checkout, BANDSTAND_DIST: "1" };
  const site = join(folder, "start-site");
  const rows = [
    { figure: "run of a hello, bundle", args: ["run", hello], env: bundle, reach: 1 / 1.3 },
    { figure: "run of a hello of WASI 0.2, bundle", args: ["run", component], env: bundle, reach: 1 / 1.3 },
    { figure: "run of a hello of WASI 0.3, bundle", args: ["run", asynchronous], env: bundle, reach: 1 / 1.3 },
    { figure: "run of a hello, checkout", args: ["run", hello], env: checkout, reach: 1 / 3 },
    { figure: "--help, bundle", args: ["--help"], env: bundle },
    { figure: "check of an empty folder, bundle", args: ["check", site], env: bundle },
  ];
  await promisify(execFile)("mkdir", ["-p", site]);
  const times = rows.map((): { own: Taken; base: Taken }[] => []);
  for (let round = 0; round <= 15; round++) {
    for (const [index, { args, env }] of rows.entries()) {
      const base = await timeOf(process.execPath, ["-e", "0"], {});
      const own = await timeOf(program, args, env);
      // The first one fills caches.
      if (round > 0) times[index]?.push({ own, base });
    }
  }
  return rows.map(({ figure, reach }, index) => {
    const seen = times[index] ?? [];
    const sum = (pick: (taken: Taken) => number, side: "own" | "base"): number =>
      seen.reduce((total, each) => total + pick(each[side]), 0);
    const cpu = sum((taken) => taken.cpu, "own") / sum((taken) => taken.cpu, "base");
    const own = 1000 / median(seen.map((each) => each.own.wall));
    const base = own * median(seen.map((each) => each.own.wall / each.base.wall));
    const text = `starts/s, ${figure} (${cpu.toFixed(2)} × the CPU time)`;
    return { figure: text, own, base, against: "node -e 0", ...(reach && { reach }) };
  });
}

/** Throws where it failed. */
async function timeOf(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<Taken> {
  const before = cpuOfChildren();
  const from = performance.now();
  const child = spawn(command, args, { stdio: "ignore", env: { ...process.env, ...env } });
  const [code] = (await once(child, "exit")) as [number];
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}`);
  return { wall: performance.now() - from, cpu: cpuOfChildren() - before };
}

/** Of all that ended, in milliseconds: fields 16 and 17 of proc(5), in ticks of 10 ms that add up over many. */
function cpuOfChildren(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** From the call of `bandstand serve` to its first whole answer, beside a bare Node that answers the same. */
async function firstAnswers({ folder, port }: Place): Promise<Comparison[]> {
  const { bytes } = await buildComponent(join(root, "tests/guests/hello-c"), { cache: join(folder, "built") });
  const component = join(folder, "first.wasm");
  await writeFile(component, bytes);
  const bare = join(folder, "first.mjs");
  const answer = 'import { createServer } from "node:http";\ncreateServer((_, to) => to.end("hello"))';
  await writeFile(bare, `${answer}.listen(${port}, "127.0.0.1");`);
  const env = { XDG_CACHE_HOME: join(folder, "start-cache"), BANDSTAND_DIST: "1" };
  const args = ["serve", "--listen", `127.0.0.1:${port}`, component];
  const seen: { own: number; base: number }[] = [];
  for (let round = 0; round <= 7; round++) {
    const base = await untilAnswer(process.execPath, [bare], {}, port);
    const own = await untilAnswer(program, args, env, port);
    if (round > 0) seen.push({ own, base });
  }
  const own = 1000 / median(seen.map((each) => each.own));
  const base = own * median(seen.map((each) => each.own / each.base));
  return [{ figure: "starts/s, serve to its first answer", own, base, against: "bare Node http" }];
}

async function untilAnswer(command: string, args: string[], env: NodeJS.ProcessEnv, port: number): Promise<number> {
  const from = performance.now();
  const child = spawn(command, args, { stdio: "ignore", env: { ...process.env, ...env } });
  const ended = once(child, "exit");
  try {
    while (!(await answers(port))) {
      if (performance.now() - from > 20_000) throw new Error(`${command} did not answer`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return performance.now() - from;
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ port, host: "127.0.0.1", agent: false }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode === 200));
    }).once("error", () => resolve(false));
  });
}

export const startMeasures: Measure[] = [
  { name: "start of a process", run: startsOf },
  { name: "serve to its first answer", run: firstAnswers },
];
