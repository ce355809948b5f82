import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGuests, type GuestSite } from "./harness.ts";
import { answers } from "./puppet/chance.ts";
import { puppet, type PuppetKind } from "./puppet/component.ts";
import { always, calls, consumes, pipe, streams, waitsForNothing } from "./puppet/lines.ts";
import { Scripts, type Line } from "./puppet/script.ts";

const kinds: Record<string, PuppetKind> = { plain: {}, pair: { composed: true, blocking: true } };

/** What a guest is in the middle of when its client goes. */
const stages: Record<string, readonly Line[]> = {
  "nothing yet": waitsForNothing,
  "a sleep": [["sleep", [0x2000_0000], "s"], ...waitsForNothing],
  "turns of its own": always(["answer", [1]]),
  "the body of its request": [...consumes, ["bytes.read", ["a", 0x1000, 4096], "_"], ...waitsForNothing],
  "a copy between its own ends": [...pipe, ["bytes.read", ["a", 256, 9], "_"], ...waitsForNothing],
  "an answer without its body": [...streams, ...waitsForNothing],
  "the body of its answer": [...streams, ["bytes.write", ["b", 256, 9], "_"], ...waitsForNothing],
};

const stagesOfPairs: Record<string, readonly Line[]> = {
  "a call of another component": [...calls("child", waitsForNothing), ...waitsForNothing],
  "a call of another component, on its stack": calls("child-here", [
    ["set.new", [], "c"],
    ["set.wait", ["c", 64], "_"],
  ]),
};

/** It sleeps for 1.9 s, and answers. */
const outlives: readonly Line[] = [
  ["sleep", [1_900_000_000], "s"],
  ["shr", ["s", 4], "s"],
  ["set.new", [], "c"],
  ["join", ["s", "c"]],
  ["pack", [2, "c"], "z"],
  ["answer", ["z"]],
  ...answers,
];

let site: GuestSite;
beforeAll(async () => {
  const limits = { wall: 10_000, concurrency: 4 };
  const guests = Object.entries(kinds).map(async ([name, kind]) => [name, await puppet(kind)] as const);
  const made = await Promise.all(guests);
  site = await startGuests(
    Object.fromEntries(
      made.flatMap(([name, component]) =>
        (["request", "reuse"] as const).map((isolation) => [`${name}-${isolation}`, { component, isolation, limits }]),
      ),
    ),
  );
});
afterAll(() => site?.close());

function ask(guest: string, isolation: string, script: readonly Line[], signal?: AbortSignal) {
  const kind = kinds[guest]!;
  const path = `/${guest}-${isolation}/${new Scripts(kind).write(script, new Scripts({ ...kind, inside: true }))}`;
  return site.ask(path, { method: "POST", body: "x".repeat(1000), ...(signal && { signal }) });
}

/** Has clients ask for it, as many as there are places, and go. */
async function leaves(guest: string, isolation: string, script: readonly Line[]): Promise<void> {
  const client = new AbortController();
  const asked = Array.from({ length: 4 }, () => ask(guest, isolation, script, client.signal));
  await sleep(50);
  client.abort();
  await Promise.all(asked);
}

describe.each(["request", "reuse"])("clients that go, isolation: %s", (isolation) => {
  it.each(Object.keys(stages))("give back what works for them: %s", async (stage) => {
    await leaves("plain", isolation, stages[stage]!);
    expect((await ask("plain", isolation, answers)).status).toBe(200);
  });

  it.each(Object.keys(stagesOfPairs))("give back what works for them: %s", async (stage) => {
    await leaves("pair", isolation, stagesOfPairs[stage]!);
    expect((await ask("pair", isolation, answers)).status).toBe(200);
  });
});

it("a call that does not end when its client goes leaves others of its instance alone", async () => {
  const other = ask("plain", "reuse", outlives);
  await sleep(50);
  const client = new AbortController();
  const gone = ask("plain", "reuse", waitsForNothing, client.signal);
  await sleep(50);
  client.abort();
  expect((await gone).status).toBe(0);
  expect((await other).status).toBe(200);
  expect((await ask("plain", "reuse", answers)).status).toBe(200);
  expect(site.gateway.state().workers).toEqual([expect.objectContaining({ ready: true, restarts: 0 })]);
});
