import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { OpenLoad } from "./clients/open-load.ts";
import type { Comparison, Measure, Place } from "./measures.ts";
import { during, loadCore, usage } from "./process.ts";
import { median } from "./report.ts";
import { bandstand } from "./site.ts";

const run = promisify(execFile);
/** Connections whose state a core's caches hold. */
const few = 64;
/** How much more than the capacity over these comes, and over how many connections. */
const floods = [
  { times: 2, connections: few },
  { times: 2, connections: 1000 },
  { times: 2, connections: 5000 },
  { times: 4, connections: 1000 },
];
/** Windows of a second: so many at most until the rate stands still, and so many that count. */
const [mostWarm, windows] = [8, 3];
/** Milliseconds within which an answer is any good. */
const deadline = 1000;

interface Wish {
  /** 0: a closed loop. */
  perSecond: number;
  warm: number;
  seconds: number;
  connections: number;
}

/** What came of it. */
interface Seen extends OpenLoad {
  /** Seconds from the first request to the last answer. */
  elapsed: number;
  /** Good answers a second. */
  rate: number;
  /** Cores that the server had. */
  cores: number;
}

/** Good answers for a second of the server's CPU time, and by the clock. */
interface Capacity {
  byCpu: number;
  rate: number;
}

/**
 * Good answers while more comes than one worker can serve, by what the same client gets in a closed loop over as many connections, before and
 * after: only then does it cost the machine the same. It is judged for a CPU second, as other cases are, since other programs have the cores now and then.
 * What the clock says is told beside it, and what a worker serves over connections whose state stays in a core's caches: bare Node, too, serves
 * a quarter less over a thousand.
 */
async function overload({ folder, port, seconds }: Place): Promise<Comparison[]> {
  const program = join(folder, "load");
  await run("clang", ["-O2", "-o", program, join(import.meta.dirname, "native/load.c")]);
  const site = {
    name: "overload",
    components: [{ name: "hello", guest: "hello-typescript", isolation: "request" as const }],
    backend: { component: "hello" },
  };
  return during(await bandstand(folder, port, site), async ({ pid }) => {
    const load = async ({ perSecond, warm, seconds: counted, connections }: Wish): Promise<Seen> => {
      const numbers = [perSecond, warm, counted, connections, deadline, 1].map(String);
      const before = await usage(pid);
      const { stdout } = await run("taskset", ["-c", loadCore, program, "127.0.0.1", String(port), ...numbers, "/"]);
      const used = (await usage(pid)).cpuSeconds - before.cpuSeconds;
      const seen = JSON.parse(stdout) as Omit<Seen, "rate" | "cores">;
      return { ...seen, rate: seen.good / counted, cores: Math.min(1, used / seen.elapsed) };
    };
    const capacity = async (connections: number): Promise<Capacity> => {
      const seen: Seen[] = [];
      for (let window = 0; window < windows; window++)
        seen.push(await load({ perSecond: 0, warm: 0, seconds: 1, connections }));
      return { byCpu: median(seen.map(({ rate, cores }) => rate / cores)), rate: median(seen.map(({ rate }) => rate)) };
    };
    await warmUp(async () => (await load({ perSecond: 0, warm: 0, seconds: 1, connections: few })).rate);
    const found: Comparison[] = [];
    for (const { times, connections } of floods) {
      const ofFew = await capacity(few);
      const before = connections === few ? ofFew : await capacity(connections);
      const seen = await load({ perSecond: times * ofFew.rate, warm: 3, seconds, connections });
      // One that stands after it would slow this down too.
      const after = await capacity(connections);
      const [own, base] = [seen.rate / seen.cores, (before.byCpu + after.byCpu) / 2];
      const byClock = seen.rate / ((before.rate + after.rate) / 2);
      const told = [
        `good answers/CPU s at ${times} ×, ${connections} connections: p50 ${seen.p50.toFixed(0)} ms, p99 ${seen.p99.toFixed(0)} ms`,
        `${seen.refused} refused, ${seen.late} late, ${seen.failed} without answer`,
        `by the clock ${byClock.toFixed(2)} ×, on ${seen.cores.toFixed(2)} cores`,
        ...(connections === few ? [] : [`${(own / ofFew.byCpu).toFixed(2)} × the capacity over ${few}`]),
      ];
      found.push({ figure: told.join("; "), own, base, against: "capacity", reach: 0.9 });
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
