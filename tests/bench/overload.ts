import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { OpenLoad } from "./clients/open-load.ts";
import type { Comparison, Measure, Place } from "./measures.ts";
import { during, loadCore } from "./process.ts";
import { median } from "./report.ts";
import { bandstand } from "./site.ts";

const run = promisify(execFile);
/** How much more than the capacity comes, and over how many connections. */
const floods = [
  { times: 2, connections: 64 },
  { times: 2, connections: 1000 },
  { times: 2, connections: 5000 },
  { times: 4, connections: 1000 },
];
/** Windows of a second: so many at most until the rate stands still, and so many that count. */
const [mostWarm, windows] = [8, 5];
/** Milliseconds within which an answer is any good. */
const deadline = 1000;

interface Wish {
  /** 0: a closed loop. */
  perSecond: number;
  warm: number;
  seconds: number;
  connections: number;
}

/**
 * Good answers while more comes than one worker can serve. The capacity is what the same client gets in a closed loop, before and after:
 * only then does it cost the machine the same, and is what other programs take of it in both.
 */
async function overload({ folder, port, seconds }: Place): Promise<Comparison[]> {
  const program = join(folder, "load");
  await run("clang", ["-O2", "-o", program, join(import.meta.dirname, "native/load.c")]);
  const site = {
    name: "overload",
    components: [{ name: "hello", guest: "hello-typescript", isolation: "request" as const }],
    backend: { component: "hello" },
  };
  return during(await bandstand(folder, port, site), async () => {
    const load = async ({ perSecond, warm, seconds: counted, connections }: Wish): Promise<OpenLoad> => {
      const numbers = [perSecond, warm, counted, connections, deadline, 1].map(String);
      const { stdout } = await run("taskset", ["-c", loadCore, program, "127.0.0.1", String(port), ...numbers, "/"]);
      return JSON.parse(stdout) as OpenLoad;
    };
    const rate = async (): Promise<number> => (await load({ perSecond: 0, warm: 0, seconds: 1, connections: 64 })).good;
    const capacity = async (): Promise<number> => {
      const rates: number[] = [];
      for (let window = 0; window < windows; window++) rates.push(await rate());
      return median(rates);
    };
    await warmUp(rate);
    const found: Comparison[] = [];
    for (const { times, connections } of floods) {
      const before = await capacity();
      const seen = await load({ perSecond: times * before, warm: 3, seconds, connections });
      // One that stands after it would slow this down too.
      const base = (before + (await capacity())) / 2;
      const told = `${times} ×, ${connections} connections: p50 ${seen.p50.toFixed(0)} ms, p99 ${seen.p99.toFixed(0)} ms`;
      const figure = `good answers/s at ${told}; ${seen.refused} refused, ${seen.late} late, ${seen.failed} without answer`;
      found.push({ figure, own: seen.good / seen.seconds, base, against: "capacity", reach: 0.9 });
    }
    return found;
  });
}

/** Until the rate differs by less than a twentieth from the one before. */
async function warmUp(rate: () => Promise<number>): Promise<void> {
  let before = 0;
  for (let window = 0; window < mostWarm; window++) {
    const now = await rate();
    if (Math.abs(now - before) < before / 20) return;
    before = now;
  }
}

export const overloadMeasures: Measure[] = [{ name: "open loop beyond a worker's capacity", run: overload }];
