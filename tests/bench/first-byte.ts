import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildComponent } from "../../src/toolchains/index.ts";
import { hostLookup } from "../../src/wasm/index.ts";
import { PreparedStore } from "../../src/wasm/prepare/index.ts";
import type { FirstByteOrder, FirstByteTimes } from "./first-byte-process.ts";
import type { Comparison, Measure, Place } from "./measures.ts";
import { median } from "./report.ts";

const processes = 5;
const root = join(import.meta.dirname, "../..");

/**
 * From a prepared file on disk to the first byte of an answer, in processes that have served before, on one core: read, checked,
 * compiled, instantiated, rehearsed as a worker does, and the first request answered. The figure is that of the slowest process. Of code
 * that the engine saw before it knows again what it compiled: what comes back. What is new to a process is judged as that is.
 */
async function firstBytes({ folder }: Place): Promise<Comparison[]> {
  const found: Comparison[] = [];
  const prepared = join(folder, "first-bytes");
  const store = await PreparedStore.open(prepared);
  for (const source of [join(root, "tests/guests/hello-c"), await largeGuest(folder)]) {
    const { bytes } = await buildComponent(source, { cache: join(folder, "built") });
    for (const isolation of ["request", "reuse"] as const) {
      const { digest } = await store.prepare(bytes, hostLookup, isolation);
      for (const anew of [false, true]) {
        const times: FirstByteTimes[] = [];
        while (times.length < processes) times.push(await inProcess({ prepared, digest, isolation }, anew));
        const kilobytes = `${Math.round(bytes.length / 1000)} kB of Wasm, ${isolation}`;
        const least = Math.min(...times.map(({ least }) => least)).toFixed(2);
        const usual = median(times.map((each) => each.median)).toFixed(2);
        const figure = `first bytes/s, ${kilobytes}${anew ? ", code never seen before" : ""} (least ${least}, usual ${usual} ms)`;
        const own = 1000 / Math.max(...times.map((each) => each.median));
        found.push({ figure, own, base: 1000, against: "one a millisecond", reach: 1 });
      }
    }
  }
  return found;
}

/** @param anew the engine may not take what it compiled of the same bytes before. */
async function inProcess(order: FirstByteOrder, anew: boolean): Promise<FirstByteTimes> {
  const flags = [...(await servingFlags()), ...(anew ? ["--no-wasm-native-module-cache"] : [])];
  const program = join(import.meta.dirname, "first-byte-process.ts");
  const args = ["-c", "0", process.execPath, ...flags, program, JSON.stringify(order)];
  const { stdout } = await promisify(execFile)("taskset", args);
  return JSON.parse(stdout) as FirstByteTimes;
}

/** What the program gives V8 where it serves. */
async function servingFlags(): Promise<string[]> {
  const script = await readFile(join(root, "bin/bandstand"), "utf8");
  const flags = /serve\) exec "\$node" (.*) "\$program"/.exec(script)?.[1];
  if (flags === undefined) throw new Error("bin/bandstand does not say how it serves");
  return flags.split(" ");
}

/** A guest in C with so many functions that its code has about 190 kB; a request runs a few of them. */
async function largeGuest(folder: string): Promise<string> {
  const numbers = Array.from({ length: 380 }, (_, i) => i);
  const body = (i: number): string =>
    Array.from({ length: 6 }, (_, n) => {
      const [by, turn] = [1 + ((i * 7919 + n * 104_729) % 30_011), 1 + ((i + n) % 29)];
      return `  if (x % ${by + 1} > ${by >> 1}) x = x * ${by}u + (x >> ${turn}); else x ^= words[(x >> ${turn}) % 64] += ${by}u;`;
    }).join("\n");
  const text = `#include <bandstand.h>
static unsigned words[64];
${numbers.map((i) => `__attribute__((noinline)) static unsigned f${i}(unsigned x) {\n${body(i)}\n  return x;\n}`).join("\n")}
static unsigned (*const all[])(unsigned) = { ${numbers.map((i) => `f${i}`).join(", ")} };
void handle(bs_request request) {
  unsigned x = 1;
  for (unsigned i = 0; i < 20; i++) x = all[(x + i) % ${numbers.length}](x);
  bs_headers headers = bs_headers_new();
  bs_headers_append(headers, BS_TEXT("content-type"), BS_TEXT("text/plain"));
  bs_answer_now(request, x == 0 ? 500 : 200, headers, BS_TEXT("Hello from much code\\n"));
}
`;
  const source = join(folder, "large-c");
  await mkdir(source, { recursive: true });
  await writeFile(join(source, "large.c"), text);
  return source;
}

export const firstByteMeasures: Measure[] = [{ name: "prepared file to first byte", run: firstBytes }];
