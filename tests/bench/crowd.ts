import { crowdClient } from "./clients/crowd-client.ts";
import type { Comparison, Measure, Place } from "./measures.ts";
import { during } from "./process.ts";
import { bandstand } from "./site.ts";

/** Requests of one kind. */
interface Kind {
  name: string;
  /** How many, of those that the guest can serve where it computes a tenth of a millisecond for each. */
  times: number;
  path: string;
  /** Keeps connections, a connection each, or HTTP/2. */
  way: "k" | "n" | "2";
  /** Tenths of a millisecond. */
  cost: number;
}

const dear: Kind = { name: "20 ms", times: 1 / 108, path: "/works/200", way: "k", cost: 200 };
/** Each is told of by its first kind: how much of what it asks for, or of the capacity where it asks for more. */
const crowds: { name: string; kinds: Kind[]; reach: number }[] = [
  { name: "1 ms", kinds: [{ name: "1 ms", times: 0.2, path: "/works/10", way: "k", cost: 10 }], reach: 0.9 },
  {
    name: "1 ms, a connection each",
    kinds: [{ name: "1 ms", times: 0.2, path: "/works/10", way: "n", cost: 10 }],
    reach: 0.8,
  },
  { name: "1 ms, HTTP/2", kinds: [{ name: "1 ms", times: 0.2, path: "/works/10", way: "2", cost: 10 }], reach: 0.8 },
  {
    name: "0.1 ms beside 20 ms",
    kinds: [{ name: "0.1 ms", times: 0.09, path: "/works/1", way: "k", cost: 1 }, dear],
    reach: 0.9,
  },
  {
    name: "20 ms beside 0.1 ms",
    kinds: [dear, { name: "0.1 ms", times: 0.09, path: "/works/1", way: "k", cost: 1 }],
    reach: 0.9,
  },
];

/** Good answers to people who come by themselves, twice as many as one worker can serve. */
async function crowd({ folder, port, seconds }: Place): Promise<Comparison[]> {
  const load = await crowdClient(folder, port);
  const site = {
    name: "crowd",
    components: [{ name: "works", guest: "works", isolation: "request" as const }],
    backend: { component: "works" },
  };
  return during(await bandstand(folder, port, site), async () => {
    /** Tenths of a millisecond of the guest's that fit into a second. */
    const capacity = async (): Promise<number> => (await load(1, 2, ["works,0,/works/10,0,k,32"]))[0]!.good * 10;
    const found: Comparison[] = [];
    for (const { name, kinds, reach } of crowds) {
      const before = await capacity();
      const words = kinds.map((kind) => `${kind.name},${kind.times * before},${kind.path},0,${kind.way},0`);
      const seen = await load(3, seconds, words);
      const all = (before + (await capacity())) / 2;
      const [first, ...others] = kinds as [Kind, ...Kind[]];
      // Others that ask for less than the rest get all of it.
      const rest = all - others.reduce((sum, { times, cost }) => sum + Math.min(times * all * cost, all / 2), 0);
      const { good, refused, p99 } = seen[0]!;
      const base = Math.min(first.times * all, rest / first.cost);
      const figure = `good answers/s, ${name}, at random times, twice the capacity: p99 ${p99.toFixed(0)} ms; ${refused.toFixed(0)} refused`;
      found.push({ figure, own: good, base, against: "capacity", reach });
    }
    return found;
  });
}

export const crowdMeasures: Measure[] = [
  { name: "people who come by themselves, beyond a worker's capacity", run: crowd },
];
