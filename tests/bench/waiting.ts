import { client } from "./clients/client.ts";
import type { Neighbour } from "./clients/neighbour.ts";
import { load } from "./load.ts";
import type { Comparison, Measure, Place } from "./measures.ts";
import * as peers from "./peers.ts";
import { median } from "./report.ts";
import { bandstand, type BenchSite } from "./site.ts";

/** Connections, each with a guest that waits for so many milliseconds on a request of its own. */
const [guests, wait] = [64, 50];
const rounds = 3;

/**
 * Beside what no server could pass, the backend itself under the same load in the same rounds: timers that come late, and
 * answers that come in bunches, are its own.
 */
async function waiting({ folder, port, seconds }: Place): Promise<Comparison[]> {
  const origin = `http://127.0.0.1:${port + 1}`;
  const components: BenchSite["components"] = [
    { name: "outbound", guest: "outbound", isolation: "request", origins: [origin] },
  ];
  const site: BenchSite = { name: "waiting", components, backend: { component: "outbound" } };
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
      await load(`${server.origin}/`, 2, wish);
      const [own, base]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        base.push(await perSecond(`${origin}/`));
        own.push(await perSecond(`${server.origin}/`));
      }
      const figure = "requests/s, each waits 50 ms on another";
      return [
        { figure, own: median(own), base: median(base), against: "that other alone", reach: 0.95 },
        { figure, own: median(own), base: guests / (wait / 1000), against: "no time but theirs", reach: 0.95 },
      ];
    } finally {
      await server.stop();
    }
  } finally {
    await backend.stop();
  }
}

/** What a neighbour sees while twenty guests never end by themselves, all on one thread. */
async function besideLoops({ folder, port }: Place): Promise<Comparison[]> {
  const components: BenchSite["components"] = [
    { name: "loop", guest: "../resilience/guests/loop", isolation: "request", limits: "{cpu: 200ms, wall: 20s}" },
    { name: "hello", guest: "hello-c", isolation: "request" },
  ];
  const site: BenchSite = { name: "loops", components, backend: { component: "hello" }, paths: { "/loop": "loop" } };
  const server = await bandstand(folder, port, site);
  try {
    const seen = await client<Neighbour>("neighbour", { port, loops: 20, budget: 200 });
    const against = (milliseconds: number): string => `${milliseconds} ms`;
    const figure = `answers/s beside 20 loops (${seen.requests} of them,`;
    return [
      { figure: `${figure} p50 ${seen.p50.toFixed(2)} ms)`, own: 1000 / seen.p50, base: 500, against: against(2), reach: 1 },
      { figure: `${figure} p99 ${seen.p99.toFixed(2)} ms)`, own: 1000 / seen.p99, base: 200, against: against(5), reach: 1 },
      {
        figure: `‰ of the loops' budget, the neighbour's time in it`,
        own: 2000 - Math.max(1000, Math.round(1000 * seen.ofBudget)),
        base: 1000,
        against: `budget (${seen.ofBudget.toFixed(2)} × used)`,
      },
    ]; // prettier-ignore
  } finally {
    await server.stop();
  }
}

export const waitingMeasures: Measure[] = [
  { name: "64 guests that wait", run: waiting },
  { name: "20 guests in endless loops", run: besideLoops },
];
