import { crowdClient, type Seen } from "./clients/crowd-client.ts";
import type { Comparison, Measure, Place } from "./measures.ts";
import * as peers from "./peers.ts";
import { during } from "./process.ts";
import { bandstand, type BenchSite } from "./site.ts";

/** Milliseconds that what stands behind takes for an answer. */
const wait = 50;
/** How much more than the capacity comes. */
const times = 4;

/** Where not the thread is what there is too little of, but places behind it. */
interface Kind {
  name: string;
  /** Requests at a time that have one. */
  places: number;
  site(backendPort: number): Omit<BenchSite, "name">;
  header?(origin: string): string;
}

const kinds: Kind[] = [
  {
    name: "a Service that takes 32 at a time",
    places: 32,
    site: (port) => ({
      components: [],
      backend: { port },
      more: `---
apiVersion: bandstand.dev/v1alpha1
kind: BandstandPolicy
metadata: {name: places}
spec:
  targetRefs: [{group: "", kind: Service, name: upstream}]
  limits: {connections: 32}
`,
    }),
  },
  {
    name: "guests that wait on others",
    places: 128,
    site: (port) => ({
      components: [
        { name: "outbound", guest: "outbound", isolation: "request", origins: [`http://127.0.0.1:${port}`] },
      ],
      backend: { component: "outbound" },
    }),
    header: (origin) => `x-fetch: ${origin}/`,
  },
];

/** Good answers where four times as many come as there are places for, each for 50 ms, by what a closed loop over these places gets. */
async function behind({ folder, port, seconds }: Place): Promise<Comparison[]> {
  const crowd = await crowdClient(folder, port);
  const found: Comparison[] = [];
  const backend = await peers.slow(folder, port + 1, wait);
  try {
    for (const { name, places, site, header } of kinds) {
      const parts = { ...site(port + 1), name: `behind-${places}` };
      const named = header?.(`http://127.0.0.1:${port + 1}`);
      const load = async (warm: number, counted: number, perSecond: number, most: number): Promise<Seen> =>
        (await crowd(warm, counted, [`all,${perSecond},/,0,k,${most}`], named))[0]!;
      await during(await bandstand(folder, port, parts), async () => {
        const { good: base } = await load(1, 2, 0, places);
        const seen = await load(2, seconds, times * base, 0);
        const told = `p99 ${seen.p99.toFixed(0)} ms; ${seen.refused.toFixed(0)} refused, ${seen.late.toFixed(0)} late, ${seen.failed.toFixed(0)} without answer`;
        const figure = `good answers/s, ${name}, at random times, ${times} × the capacity: ${told}`;
        found.push({ figure, own: seen.good, base, against: "capacity", reach: 0.9 });
      });
    }
  } finally {
    await backend.stop();
  }
  return found;
}

export const behindMeasures: Measure[] = [{ name: "more than there are places behind a worker", run: behind }];
