import { open } from "node:fs/promises";
import { join } from "node:path";
import { client } from "./clients/client.ts";
import type { OpenLoad } from "./clients/open-load.ts";
import { coreMeasures } from "./cores.ts";
import { crowdMeasures } from "./crowd.ts";
import { kernelMeasures } from "./kernels/measure.ts";
import { load } from "./load.ts";
import { behindMeasures } from "./overload-behind.ts";
import { overloadMeasures } from "./overload.ts";
import * as peers from "./peers.ts";
import { during, usage, type Server } from "./process.ts";
import { secureMeasures } from "./secure.ts";
import { bandstand, type BenchSite } from "./site.ts";
import { startMeasures } from "./start.ts";
import { firstByteMeasures } from "./first-byte.ts";
import { waitingMeasures } from "./waiting.ts";

/** Figures of two servers side by side. More of it is better. */
export interface Comparison {
  /** What is compared, with its unit. */
  figure: string;
  own: number;
  base: number;
  against: string;
  reach?: number;
}

/** What the table of requests a second cannot show. */
export interface Measure {
  name: string;
  run(place: Place): Promise<Comparison[]>;
}

export interface Place {
  folder: string;
  /** The first of three that are free. */
  port: number;
  seconds: number;
}

const hello = (name: string): BenchSite => ({
  name,
  components: [{ name: "hello", guest: "hello-c", isolation: "reuse" }],
  backend: { component: "hello" },
});
const passThrough = (name: string): BenchSite["components"][0] => ({
  name,
  guest: "middleware-c",
  isolation: "request",
});

export const measures: Measure[] = [
  ...startMeasures,
  ...firstByteMeasures,
  ...kernelMeasures,
  {
    name: "10,000 routes",
    async run({ folder, port, seconds }) {
      const start = (routes: number, at: number) => bandstand(folder, at, { ...hello(`routes-${routes}`), routes });
      const cpu = async (server: Server, routes: number): Promise<number> => {
        const before = await usage(server.pid);
        const { requests } = await load(`${server.origin}/route-${routes - 1}`, seconds);
        return ((await usage(server.pid)).cpuSeconds - before.cpuSeconds) / requests;
      };
      const [many, few] = await during(await start(10_000, port), async (large) =>
        during(await start(10, port + 1), async (small) => {
          const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as [number, number];
          // In turn, and the best of each: what else the machine does must not decide.
          for (let round = 0; round < 4; round++) {
            best[0] = Math.min(best[0], await cpu(large, 10_000));
            best[1] = Math.min(best[1], await cpu(small, 10));
          }
          return best;
        }),
      );
      return [{ figure: "requests/CPU s", own: 1 / many, base: 1 / few, against: "ten routes", reach: 1 / 1.1 }];
    },
  },
  ...secureMeasures,
  {
    name: "10,000 idle connections",
    async run({ folder, port }) {
      const memory = (server: Server): Promise<number> =>
        during(server, async () => {
          const before = await resident(server);
          let after = Number.NaN;
          const options = { port, connections: 10_000, seconds: 3 };
          const { failed } = await client("idle", options, async () => {
            await new Promise((resolve) => setTimeout(resolve, 1000));
            after = await resident(server);
          });
          if (failed > 0) throw new Error(`${failed} of 10,000 connections were closed`);
          return (after - before) / 2 ** 20;
        });
      const own = await memory(await bandstand(folder, port, hello("idle")));
      const base = await memory(await peers.nginxHello(folder, port));
      return [
        { figure: "connections/MiB", own: 10_000 / own, base: 10_000 / base, against: "nginx" },
        { figure: "connections/MiB", own: 10_000 / own, base: 100, against: "100 MiB", reach: 1 },
      ];
    },
  },
  {
    name: "large bodies",
    async run({ folder, port, seconds }) {
      const file = await open(join(folder, "large"), "w");
      await file.truncate(2 ** 28);
      await file.close();
      const backend = await peers.nginxFiles(folder, port + 1);
      return during(backend, async () => {
        const speed = (server: Server): Promise<{ wall: number; cpu: number }> =>
          during(server, async () => {
            // The first time the file is read into memory.
            await client("body", { port, path: "/large", seconds: 1 });
            const before = await usage(server.pid);
            const seen = await client("body", { port, path: "/large", seconds });
            const mebibytes = seen.requests / 2 ** 20;
            const { cpuSeconds } = await usage(server.pid);
            return { wall: mebibytes / seen.seconds, cpu: mebibytes / (cpuSeconds - before.cpuSeconds) };
          });
        const site: BenchSite = { name: "bodies", components: [], backend: { port: port + 1 } };
        const own = await speed(await bandstand(folder, port, site));
        const base = await speed(await peers.nginxStreams(folder, port, port + 1));
        const against = "nginx proxy";
        return [
          { figure: "MiB/s", own: own.wall, base: base.wall, against, reach: 0.7 },
          { figure: "MiB/CPU s", own: own.cpu, base: base.cpu, against },
        ];
      });
    },
  },
  {
    name: "bodies through a middleware",
    async run({ folder, port, seconds }) {
      const file = await open(join(folder, "one"), "w");
      await file.truncate(2 ** 20);
      await file.close();
      return during(await peers.nginxFiles(folder, port + 1), async () => {
        const speed = async (name: string, middlewares: string[]): Promise<number> => {
          const components = middlewares.map((each) => passThrough(each));
          const site: BenchSite = { name, components, middlewares, backend: { port: port + 1 } };
          return during(await bandstand(folder, port, site), async (server) => {
            await load(`${server.origin}/one`, 2);
            const before = await usage(server.pid);
            const { requests } = await load(`${server.origin}/one`, seconds);
            return requests / ((await usage(server.pid)).cpuSeconds - before.cpuSeconds);
          });
        };
        const [own, base] = [await speed("bodies-through", ["pass"]), await speed("bodies-past", [])];
        return [{ figure: "bodies of 1 MiB/CPU s", own, base, against: "without it", reach: 0.5 }];
      });
    },
  },
  ...waitingMeasures,
  ...coreMeasures,
  ...overloadMeasures,
  ...behindMeasures,
  ...crowdMeasures,
  {
    name: "open loop at twice a backend's capacity",
    async run({ folder, port, seconds }) {
      return during(await peers.slowBackend(folder, port + 1), async (backend) => {
        const { perSecond: base } = await load(`${backend.origin}/`, seconds);
        const site: BenchSite = { name: "slow", components: [], backend: { port: port + 1 } };
        return during(await bandstand(folder, port, site), async () => [await atTwice(base, port, seconds)]);
      });
    },
  },
];

async function atTwice(base: number, port: number, seconds: number): Promise<Comparison> {
  const options = { host: "127.0.0.1", port, path: "/", perSecond: 2 * base, warm: 5, seconds };
  const seen = await client<OpenLoad>("openLoad", { ...options, connections: 15_000, deadline: 1000 });
  const figure = `good answers/s (${seen.refused} refused, ${seen.late} late, p99 ${seen.p99.toFixed(0)} ms)`;
  return { figure, own: seen.good / seen.seconds, base, against: "capacity", reach: 0.9 };
}

async function resident({ pid }: Server): Promise<number> {
  return (await usage(pid)).residentBytes;
}
