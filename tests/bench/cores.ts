import { load } from "./load.ts";
import type { Comparison, Measure, Place } from "./measures.ts";
import * as peers from "./peers.ts";
import { threadsCpu, usage, type Server } from "./process.ts";
import { median } from "./report.ts";
import { bandstand, type BenchComponent, type BenchSite } from "./site.ts";

/** One worker and two are measured in turn, so often. */
const rounds = 5;

/** What two workers serve. */
interface Kind {
  name: string;
  site(backendPort: number): Omit<BenchSite, "name">;
  script?: string;
  /** A request costs so much more than the load's part of it that the workers are what limits. */
  heavy?: boolean;
}

const component = (name: string, guest: string): BenchComponent => ({ name, guest, isolation: "request" });

const kinds: Kind[] = [
  {
    name: "3 kB of JSON in TypeScript",
    site: () => ({ components: [component("hello", "json-typescript")], backend: { component: "hello" } }),
    script: "json.lua",
    heavy: true,
  },
  {
    name: "three middlewares + C hello",
    site: () => ({
      components: [
        ...["one", "two", "three"].map((name) => component(name, "middleware-c")),
        component("hello", "hello-c"),
      ],
      middlewares: ["one", "two", "three"],
      backend: { component: "hello" },
    }),
  },
  { name: "proxy", site: (port) => ({ components: [], backend: { port } }) },
];

/** What one worker, or two, did in one round. */
interface Seen {
  perSecond: number;
  /** Of the gateway, for a request. */
  cpu: number;
  /** Cores that the load took, and the backend. */
  load: number;
}

/**
 * Two workers on both cores beside one on a core of its own. The load has no third core: in the first case it takes from the
 * workers what in the second comes from elsewhere, so that a server which loses nothing gets 2 × less that part; for a cheap
 * request that is most of it. Three figures, then: requests a second as they are; what a request costs the gateway, which
 * would grow if workers waited for each other; and, where workers are what limits, requests a second for two whole cores, by
 * the part of them that the load took by the system's own account. Where the load limits, workers sleep in between, and
 * what a request costs depends on how many come at once: nothing is asked there.
 */
async function twoCores(
  { folder, port, seconds }: Place,
  { name, site, script, heavy = false }: Kind,
): Promise<Comparison[]> {
  const backend = await peers.backend(folder, port + 2);
  const servers: Server[] = [];
  try {
    const parts = site(port + 2);
    const id = name.toLowerCase().replace(/[^a-z]+/g, "-");
    for (const [index, cores] of ["0", "0,1"].entries()) {
      servers.push(await bandstand(folder, port + index, { ...parts, name: `cores-${index + 1}-${id}`, cores }));
    }
    const options = { connections: 64, ...(script !== undefined && { script }) };
    const measure = async ({ origin, pid }: Server): Promise<Seen> => {
      const before = await threadsCpu(pid);
      const backendBefore = (await usage(backend.pid)).cpuSeconds;
      const seen = await load(`${origin}/`, seconds, options);
      const cpu = ((await threadsCpu(pid)) - before) / 1000 / seen.requests;
      const others = seen.cpuSeconds + (await usage(backend.pid)).cpuSeconds - backendBefore;
      return { perSecond: seen.perSecond, cpu, load: others / seen.seconds };
    };
    for (const { origin } of servers) await load(`${origin}/`, 5, options);
    const pairs: [one: Seen, two: Seen][] = [];
    for (let round = 0; round < rounds; round++) {
      const [one, two] = servers as [Server, Server];
      pairs.push([await measure(one), await measure(two)]);
    }
    const one = (pick: (seen: Seen) => number): number => median(pairs.map(([seen]) => pick(seen)));
    const ratio = (pick: (one: Seen, two: Seen) => number): number => median(pairs.map(([a, b]) => pick(a, b)));
    const base = one(({ perSecond }) => perSecond);
    const taken = median(pairs.map(([, { load: cores }]) => cores));
    const cost = one(({ cpu }) => 1 / cpu);
    const against = "one worker";
    const whole = ratio((a, b) => (b.perSecond * 2) / (2 - b.load) / a.perSecond);
    const figures: Comparison[] = [
      {
        figure: `${name}: requests/s, where load takes ${taken.toFixed(2)} of the two cores`,
        own: base * ratio((a, b) => b.perSecond / a.perSecond),
        base,
        against,
      },
      {
        figure: `${name}: requests/CPU s of two workers`,
        own: cost * ratio((a, b) => a.cpu / b.cpu),
        base: cost,
        against,
        ...(heavy && { reach: 0.95 }),
      },
    ];
    if (heavy) {
      figures.push({ figure: `${name}: requests/s of two whole cores`, own: base * whole, base, against, reach: 1.8 });
    }
    return figures;
  } finally {
    for (const server of servers) await server.stop();
    await backend.stop();
  }
}

export const coreMeasures: Measure[] = [
  {
    name: "two cores",
    async run(place) {
      const found: Comparison[] = [];
      for (const kind of kinds) found.push(...(await twoCores(place, kind)));
      return found;
    },
  },
];
