import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { limits, startGuests, type GuestSite } from "./harness.ts";
import { misuses, type Misuse } from "./misuse.ts";
import { startNeighbour, type Neighbour } from "./neighbour.ts";
import { answers } from "./puppet/chance.ts";
import { puppet, type PuppetKind } from "./puppet/component.ts";
import { sends, waitsForNothing } from "./puppet/lines.ts";
import { Scripts, type Line } from "./puppet/script.ts";

const kinds: Record<string, PuppetKind> = {
  plain: {},
  stack: { blocking: true },
  pair: { composed: true },
  "pair-on-stack": { composed: true, blocking: true },
};

/** What an error of the host itself would look like where a guest's is due. */
const ownErrors = /undefined|null|TypeError|ReferenceError|Cannot |is not a function|not iterable|\[object|call stack/;

let site: GuestSite;
let innocent: Neighbour;
beforeAll(async () => {
  const guests = await Promise.all(
    Object.entries(kinds).flatMap(([name, kind]) =>
      (["request", "reuse"] as const).map(async (isolation) => {
        const own = { cpu: 60, wall: 600 };
        return [
          `${name}-${isolation}`,
          { component: await puppet(kind), isolation, limits: own, http: ["127.0.0.1"] },
        ] as const;
      }),
    ),
  );
  const others = {
    innocent: { component: await puppet() },
    // What looped once is entered so that it may pause, and has an instance for each call from then on.
    shared: { component: await puppet(), isolation: "reuse" as const, limits: { wall: 20_000 }, http: ["127.0.0.1"] },
  };
  site = await startGuests({ ...Object.fromEntries(guests), ...others });
  innocent = await startNeighbour(site.port, pathOf("innocent", answers, {}));
});
afterAll(async () => {
  await innocent?.close();
  await site?.close();
});

function pathOf(guest: string, script: Misuse["script"], kind: PuppetKind): string {
  return `/${guest}/${new Scripts(kind).write(script, new Scripts({ ...kind, inside: true }))}`;
}

function ask(misuse: Misuse, isolation: string) {
  const name = misuse.puppet ?? "plain";
  const { sends } = misuse;
  const sent = sends === undefined ? {} : { method: "POST", body: Buffer.alloc(sends) };
  return site.ask(pathOf(`${name}-${isolation}`, misuse.script, kinds[name]!), sent);
}

describe.each(["request", "reuse"])("misuse of WASI 0.3, isolation: %s", (isolation) => {
  it("ends its own request, in time, and nobody else's", async () => {
    innocent.begin();
    const found: unknown[] = [];
    for (const misuse of misuses) {
      const { status, broken, milliseconds } = await ask(misuse, isolation);
      const isRight =
        ([misuse.status].flat().includes(status) && broken === (misuse.broken === true)) ||
        // What breaks at once may do so before its head went out.
        (misuse.broken === true && status === 500);
      if (!isRight || milliseconds > limits.wall * 3 + 3000)
        found.push({ name: misuse.name, status, broken, milliseconds });
    }
    const others = await innocent.end();
    expect(found).toEqual([]);
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter(({ status }) => status !== 200)).toEqual([]);
    // The thread was not given up, and nothing was an error of the host.
    expect(site.gateway.state().workers).toEqual([expect.objectContaining({ ready: true, restarts: 0 })]);
    expect(site.lines.filter((line) => ownErrors.test(`${line.message} ${JSON.stringify(line.fields)}`))).toEqual([]);
  });
});

describe("a call that ends an instance that others share", () => {
  const waits = pathOf("shared", waitsForNothing, {});
  it.each([
    ["traps", [["answer", [1]], ["trap"]], 500],
    ["has an answer put outside of its memory", [...sends(-8), ...waitsForNothing], 500],
    [
      "loops",
      [
        ["answer", [1]],
        ["spin", [0]],
      ],
      504,
    ],
  ] as [string, Line[], number][])(
    "%s: they are told at once, and the next one has a new instance",
    async (_, script, status) => {
      const others = Array.from({ length: 5 }, () => site.ask(waits));
      await expect.poll(() => site.gateway.metrics()).toContain("\nbandstand_requests_in_flight 5\n");
      const ends = await site.ask(pathOf("shared", script, {}));
      expect(ends.status).toBe(status);
      for (const other of await Promise.all(others)) {
        expect(other.status).toBe(500);
        // It would have waited for its wall limit.
        expect(other.milliseconds).toBeLessThan(10_000);
      }
      expect((await site.ask(pathOf("shared", answers, {}))).status).toBe(200);
    },
  );
});
