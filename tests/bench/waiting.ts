import { client } from "./clients/client.ts";
import type { Neighbour } from "./clients/neighbour.ts";
import { load } from "./load.ts";
import type { Comparison, Measure, Place } from "./measures.ts";
import * as peers from "./peers.ts";
import { threadsCpu } from "./process.ts";
import { median } from "./report.ts";
import { bandstand, type BenchSite } from "./site.ts";

/** Connections, each with a guest that waits for so many milliseconds on a request of its own. */
const [guests, wait] = [64, 50];
const rounds = 3;

/** What waits, of both versions of WASI: the second in one instance. */
const kinds = [
  { guest: "outbound", isolation: "request", version: "WASI 0.2" },
  { guest: "wasi3/outbound", isolation: "reuse", version: "WASI 0.3, one instance" },
] as const;

/**
 * Beside what no server could pass, the backend itself under the same load in the same rounds: what the load and the machine
 * take is in it too. It waits to some microseconds; one on Node's timers would add a millisecond, and answer in bunches.
 */
async function waiting({ folder, port, seconds }: Place): Promise<Comparison[]> {
  const origin = `http://127.0.0.1:${port + 1}`;
  const site: BenchSite = {
    name: "waiting",
    components: kinds.map(({ guest, isolation, version }) => ({
      name: nameOf(version),
      guest,
      isolation,
      origins: [origin],
    })),
    backend: { component: nameOf(kinds[0].version) },
    paths: { "/newer": nameOf(kinds[1].version) },
  };
  const backend = await peers.slow(folder, port + 1, wait);
  try {
    const server = await bandstand(folder, port, site);
    try {
      const wish = { headers: [`x-fetch: ${origin}/`], connections: guests };
      const perSecond = async (url: string): Promise<number> => {
        const seen = await load(url, seconds, wish);
        if (seen.failed > 0) throw new Error(`${seen.failed} requests failed`);
        return seen.perSecond;
      };
      const urls = [`${origin}/`, `${server.origin}/`, `${server.origin}/newer`];
      for (const url of urls.slice(1)) await load(url, 2, wish);
      const seen: [number[], number[], number[]] = [[], [], []];
      for (let round = 0; round < rounds; round++) {
        for (const [index, url] of urls.entries()) seen[index]!.push(await perSecond(url));
      }
      const [base, ...own] = seen.map((all) => median(all)) as [number, number, number];
      const ideal = guests / (wait / 1000);
      return kinds.flatMap(({ version }, index) => {
        const figure = `requests/s, each waits 50 ms on another (${version})`;
        return [
          { figure, own: own[index]!, base, against: "that other alone", reach: 0.95 },
          { figure, own: own[index]!, base: ideal, against: "no time but theirs", reach: 0.95 },
        ];
      });
    } finally {
      await server.stop();
    }
  } finally {
    await backend.stop();
  }
}

function nameOf(version: string): string {
  return version.slice(0, 8).toLowerCase().replace(/[ .]/g, "-");
}

/** Guests that never end by themselves, and what each of them may use, in milliseconds of CPU time. */
const [loops, budget] = [20, 200];

/**
 * What a neighbour sees while twenty guests never end by themselves, all on one thread; and what those guests used, each
 * alone and all at once, by what the system says that the server used meanwhile: its own work for them is in it.
 */
async function besideLoops({ folder, port }: Place): Promise<Comparison[]> {
  const limits = `{cpu: ${budget}ms, wall: 20s}`;
  const components: BenchSite["components"] = [
    { name: "loop", guest: "../resilience/guests/loop", isolation: "request", limits },
    { name: "hello", guest: "hello-c", isolation: "request" },
  ];
  const site: BenchSite = { name: "loops", components, backend: { component: "hello" }, paths: { "/loop": "loop" } };
  const server = await bandstand(folder, port, site);
  try {
    const seen = await client<Neighbour>("neighbour", { port, loops });
    const loop = async (): Promise<void> => {
      const { status } = await fetch(`${server.origin}/loop`);
      if (status !== 504) throw new Error(`a loop was answered ${status}`);
    };
    const usedBy = async (act: () => Promise<unknown>): Promise<number> => {
      const before = await threadsCpu(server.pid);
      await act();
      return (await threadsCpu(server.pid)) - before;
    };
    const alone: number[] = [];
    for (let i = 0; i < loops; i++) alone.push((await usedBy(loop)) / budget);
    const together = (await usedBy(() => Promise.all(Array.from({ length: loops }, loop)))) / (loops * budget);
    const against = (milliseconds: number): string => `${milliseconds} ms`;
    const figure = `answers/s beside ${loops} loops (${seen.requests} of them,`;
    const ofBudget = (name: string, used: number): Comparison => {
      const text = `budgets/1,000 ms of CPU time, ${name} (${used.toFixed(3)} × its budget)`;
      return { figure: text, own: 1000 / (used * budget), base: 1000 / budget, against: "the budget", reach: 1 / 1.1 };
    };
    return [
      { figure: `${figure} p50 ${seen.p50.toFixed(2)} ms)`, own: 1000 / seen.p50, base: 500, against: against(2), reach: 1 },
      { figure: `${figure} p99 ${seen.p99.toFixed(2)} ms)`, own: 1000 / seen.p99, base: 200, against: against(5), reach: 1 },
      ofBudget(`most of ${loops} loops, each alone`, Math.max(...alone)),
      ofBudget(`mean of ${loops} loops at once`, together),
    ]; // prettier-ignore
  } finally {
    await server.stop();
  }
}

export const waitingMeasures: Measure[] = [
  { name: "64 guests that wait", run: waiting },
  { name: "20 guests in endless loops", run: besideLoops },
];
