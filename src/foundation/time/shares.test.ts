import { describe, expect, it } from "vitest";
import { Party } from "./shares.ts";
import { Loop, type Flow, type Seen } from "./testing/loop.ts";

const flow = (perSecond: number, cost: number, party = new Party(), path = "/"): Flow => ({
  share: party.of("GET", path),
  perSecond,
  cost,
});

/** Answers in a second's time, for each second. */
const good = ({ latencies }: Seen, seconds: number): number =>
  latencies.filter((each) => each <= 1000).length / seconds;
const p99 = ({ latencies }: Seen): number =>
  latencies.toSorted((one, other) => one - other)[Math.floor(latencies.length * 0.99)]!;

/** How many were refused. */
const refusedOf = (loop: Loop, ...[flows, seconds, warm]: Parameters<Loop["run"]>): number =>
  [...loop.run(flows, seconds, warm).values()].reduce((sum, { refused }) => sum + refused, 0);

/** Two paths that do not fall together. */
const [one, other] = ["/cheap", "/dear"];

describe("the shares of a thread", () => {
  it.each([0.5, 1, 1.3, 20, 100])(
    "at twice and four times what it can, serves nearly as much as it can, in time (%d ms each)",
    (cost) => {
      for (const times of [2, 4]) {
        const all = flow((times * 1000) / cost, cost);
        const seen = new Loop().run([all], 20, 4).get(all)!;
        expect(good(seen, 20) * cost).toBeGreaterThan(900);
        expect(p99(seen)).toBeLessThan(1000);
        expect(seen.refused + seen.latencies.length).toBe(seen.offered);
        if (cost >= 1) expect(seen.longestRefusal).toBeLessThan(1000);
      }
    },
  );

  it("does so where a refusal is a fifth of a request, as far as refusals leave it time", () => {
    const all = flow(40_000, 0.05);
    const seen = new Loop().run([all], 4, 4).get(all)!;
    // Each of 40,000 is read, and those that are not served are refused: 0.005 ms each.
    const most = (1000 - 40_000 * 0.01) / (0.05 - 0.005);
    expect(good(seen, 4)).toBeGreaterThan(most * 0.95);
    expect(p99(seen)).toBeLessThan(500);
  });

  it.each([0, 0.5])(
    "lets refusals take little of it where more connections ask than can be served in time (%d of the core taken)",
    (stolen) => {
      // Of 20,000 requests a second each costs 0.05 ms, and a refusal half of that.
      const all = { ...flow(40_000 * (1 - stolen), 0.04), connections: 10_000 };
      const seen = new Loop({ reading: 0.01, refusing: 0.025, stolen }).run([all], 6, 4).get(all)!;
      expect(good(seen, 6)).toBeGreaterThan(20_000 * (1 - stolen) * 0.8);
      expect(seen.refused + seen.latencies.length).toBe(seen.offered);
    },
  );

  it("refuses as many as it must where nothing bounds the connections, and in time", () => {
    const all = flow(20_000, 0.09);
    const seen = new Loop().run([all], 8, 4).get(all)!;
    expect(good(seen, 8)).toBeGreaterThan(8000);
    expect(seen.longestRefusal).toBeLessThan(3100);
  });

  it("serves at half of its speed what it can then, in time", () => {
    const all = flow(2000, 1);
    const loop = new Loop({ stolen: 0.5 });
    const seen = loop.run([all], 20, 4).get(all)!;
    expect(good(seen, 20)).toBeGreaterThan(450);
    expect(p99(seen)).toBeLessThan(1000);
  });

  it("takes everything up to its capacity, and a burst too", () => {
    const loop = new Loop();
    const party = new Party();
    expect(refusedOf(loop, [flow(850, 1, party)], 10)).toBe(0);
    expect(refusedOf(loop, [flow(4000, 1, party)], 0.2)).toBe(0);
    expect(refusedOf(loop, [flow(500, 1, party)], 10)).toBe(0);
  });

  it("forgets that it had too much", () => {
    const loop = new Loop();
    const party = new Party();
    expect(refusedOf(loop, [flow(2000, 1, party)], 5)).toBeGreaterThan(3000);
    expect(refusedOf(loop, [flow(500, 1, party)], 10, 1)).toBe(0);
  });

  it("serves cheap requests at once beside too many dear ones of the same route, and as many of these as there is time for", () => {
    const party = new Party();
    const [cheap, dear] = [flow(900, 0.1, party, one), flow(100, 20, party, other)];
    const seen = new Loop().run([cheap, dear], 20, 4);
    expect(seen.get(cheap)!.refused).toBe(0);
    expect(p99(seen.get(cheap)!)).toBeLessThan(10);
    expect(good(seen.get(dear)!, 20)).toBeGreaterThan(45 * 0.9);
  });

  it("does so where more paths are dear than guests may compute at a time", () => {
    const party = new Party();
    const cheap = flow(100, 0.2, party, one);
    const paths = Array.from({ length: 100 }, (_, index) => `/dear/${index}`);
    const shares = new Set(paths.map((path) => party.of("GET", path)).filter((share) => share !== cheap.share));
    const dear = [...shares].slice(0, 12).map((share) => ({ share, perSecond: 4, cost: 100 }));
    const seen = new Loop().run([cheap, ...dear], 10, 4);
    expect(seen.get(cheap)!.refused).toBe(0);
    expect(p99(seen.get(cheap)!)).toBeLessThan(10);
    // Six of them at a time: all twelve would each be late.
    expect(dear.reduce((sum, each) => sum + good(seen.get(each)!, 10), 0)).toBeGreaterThan(2);
  });

  it("starves neither of both where they cannot be told apart", () => {
    const party = new Party();
    const [cheap, dear] = [flow(900, 0.1, party), flow(100, 20, party)];
    const seen = new Loop().run([cheap, dear], 20, 4);
    for (const each of [cheap, dear]) expect(good(seen.get(each)!, 20)).toBeGreaterThan(each.perSecond * 0.4);
  });

  it("gives each of many dear paths its turn, and none of them more than it can bear", () => {
    const party = new Party();
    const flows = Array.from({ length: 30 }, (_, index) => flow(10, 20, party, `/reports/${index}`));
    const seen = new Loop().run(flows, 20, 4);
    expect(flows.reduce((sum, each) => sum + good(seen.get(each)!, 20), 0) * 20).toBeGreaterThan(900);
  });

  it("lets a route that has too much take nothing from its neighbours", () => {
    const flood = flow(10_000, 0.2);
    const neighbours = [flow(2000, 0.05), flow(100, 1), flow(5, 8)];
    const seen = new Loop().run([flood, ...neighbours], 60, 4);
    for (const each of neighbours) {
      expect(seen.get(each)!.refused).toBe(0);
      expect(p99(seen.get(each)!)).toBeLessThan(100);
    }
  });

  it("divides the thread evenly among routes that all have too much, whatever their requests cost", () => {
    const flows = [flow(4000, 0.5), flow(2000, 1), flow(100, 20)];
    const seen = new Loop().run(flows, 20, 4);
    for (const each of flows) expect((good(seen.get(each)!, 20) * each.cost) / 1000).toBeGreaterThan(0.27);
  });

  it("takes a few slow ones, whatever they cost", () => {
    const loop = new Loop();
    const share = new Party().of("GET", "/");
    expect(refusedOf(loop, [{ share, perSecond: 1, cost: 300 }], 60)).toBe(0);
  });

  it("lets nobody wait for more than two seconds where many others have the thread, and refuses them soon", () => {
    // Of each share one or two wait: to be served all would take twelve seconds.
    const flows = Array.from({ length: 20 }, () => flow(0.5, 300));
    const seen = [...new Loop().run(flows, 60, 4).values()];
    const refused = Math.max(...seen.map(({ longestRefusal }) => longestRefusal));
    expect(refused).toBeGreaterThan(2000);
    expect(refused).toBeLessThan(3000);
    expect(seen.reduce((sum, { latencies }) => sum + latencies.length, 0) * 300).toBeGreaterThan(50_000);
  });

  it("serves a burst to its end, though that takes seconds, if nobody comes behind it", () => {
    const burst = { ...flow(1e6, 200), connections: 20 };
    const { offered, latencies, refused } = new Loop().run([burst], 0.001).get(burst)!;
    expect([offered, latencies.length, refused]).toEqual([20, 20, 0]);
    expect(Math.max(...latencies)).toBeGreaterThan(3900);
  });

  it("refuses whose client left without serving it", () => {
    const loop = new Loop();
    const party = new Party();
    const share = party.of("GET", "/");
    let started = 0;
    let refused = 0;
    loop.shares.newcomer();
    for (const isOver of [true, false]) {
      expect(loop.shares.mayBegin(share, loop.now())).toBe(false);
      loop.shares.wait(share, { isOver, start: () => started++, refuse: () => refused++ }, loop.now());
    }
    // The first is for more connections.
    loop.turn();
    loop.turn();
    loop.clock += 2;
    loop.turn();
    expect([started, refused]).toEqual([1, 1]);
  });

  it("takes connections that come one after the other before it goes on with requests, for a moment", () => {
    const loop = new Loop();
    const share = new Party().of("GET", "/");
    const heard: string[] = [];
    loop.shares.newcomer();
    loop.shares.wait(share, { isOver: false, start: () => heard.push("request"), refuse: () => {} }, 0);
    for (let connection = 0; connection < 20; connection++) {
      loop.clock += 0.1;
      heard.push("connection");
      loop.shares.newcomer();
      loop.turn();
    }
    expect(heard.indexOf("request")).toBeGreaterThan(5);
    expect(heard.indexOf("request")).toBeLessThan(15);
  });

  it("goes on where one of them throws, and tells it to whoever handles what nobody caught", () => {
    const loop = new Loop();
    const share = new Party().of("GET", "/");
    let started = 0;
    const fails = (): void => {
      throw new Error("its own");
    };
    loop.shares.newcomer();
    loop.shares.wait(share, { isOver: false, start: fails, refuse: fails }, 0);
    loop.shares.wait(share, { isOver: false, start: () => started++, refuse: fails }, 0);
    loop.turn();
    loop.clock += 2;
    loop.turn();
    expect(started).toBe(1);
    expect(() => loop.turn()).toThrow("its own");
  });

  it("asks for no turn while nothing waits", () => {
    const loop = new Loop();
    loop.run([flow(2000, 1)], 2);
    while (loop.turn());
    expect(loop.turn()).toBe(false);
  });
});
