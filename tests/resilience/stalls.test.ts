import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { ServicePolicyPlan } from "../../src/model/plan/index.ts";
import {
  Attack,
  closedWindows,
  deaf,
  listener,
  neighbour,
  slowReader,
  startSite,
  trickle,
  type StalledSite,
} from "./stalls.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

type Begin = (port: number, address: string, attack: Attack) => void;

interface Row {
  attack: string;
  begin: Begin;
  /** How often it is begun. */
  times: number;
  pool: string;
  policy?: ServicePolicyPlan;
  protocol?: "h2c";
}

const small = { limits: { connections: 32 } };
/** What kernels hold for a client that does not read takes a while to fill. */
const few = { limits: { connections: 12 } };
const windows: Begin = (port, address, attack) => closedWindows(port, address, 100, attack);

const rows: Row[] = [
  { attack: "windows of zero", begin: windows, times: 12, pool: "256 connections" },
  { attack: "windows of zero", begin: windows, times: 3, pool: "32 connections", policy: small },
  { attack: "windows of zero", begin: windows, times: 6, pool: "streams of HTTP/2", protocol: "h2c" },
  { attack: "clients that do not read", begin: deaf, times: 12, pool: "12 connections", policy: few },
  { attack: "bodies that trickle", begin: trickle, times: 400, pool: "256 connections" },
  { attack: "bodies that trickle", begin: trickle, times: 100, pool: "32 connections", policy: small },
];

const places: [string, (index: number) => string, Row[]][] = [
  ["the neighbour's own address", () => "127.0.0.1", rows],
  ["many addresses", (index) => `127.0.0.${2 + (index % 200)}`, rows.filter((_row, index) => index % 2 === 1)],
];

async function underAttack({ begin, times, policy, protocol }: Row, addressOf: (index: number) => string) {
  const site = await startSite(policy, protocol);
  const attack = new Attack();
  cleanups.push(
    () => site.close(),
    () => attack.end(),
  );
  for (let index = 0; index < times; index++) begin(site.port, addressOf(index), attack);
  return { site, attack };
}

describe.each(places)("from %s", (_name, addressOf, attacks) => {
  it.each(attacks)("$attack leave others their places: $pool", async (row) => {
    const { site } = await underAttack(row, addressOf);
    // Who stands still is known after a second, where the kernel takes much first, later.
    await sleep(row.begin === deaf ? 3000 : 1500);
    const seen = await neighbour(site.port, 1000);
    expect(seen.statuses).toEqual({ 200: seen.count });
    // Whoever has one place each has a second.
    expect(seen.p99).toBeLessThan(2000);
    expect(seen.count).toBeGreaterThan(3);
  });
});

it("more attackers than places, an address each: others wait for a moment, and are served", async () => {
  const site = await startSite(small);
  const attack = new Attack();
  cleanups.push(
    () => site.close(),
    () => attack.end(),
  );
  for (let index = 0; index < 150; index++) closedWindows(site.port, `127.0.1.${1 + index}`, 1, attack);
  const seen = await neighbour(site.port, 3000);
  expect(seen.statuses).toEqual({ 200: seen.count });
  // By turns among all of them it would be two or three each.
  expect(seen.count).toBeGreaterThan(20);
});

describe("who is slow, or stays long, is left alone", () => {
  const open = async (site: StalledSite, count: number, path: "/events" | "/socket") => {
    const all = await Promise.all(Array.from({ length: count }, () => listener(site.port, path)));
    cleanups.push(() => all.forEach(({ end }) => end()));
    return all;
  };

  it("during an attack: a slow reader, streams of events, WebSockets", async () => {
    const { site, attack } = await underAttack(
      { attack: "", begin: windows, times: 2, pool: "", policy: small },
      () => "127.0.0.1",
    );
    await sleep(1500);
    const events = await open(site, 3, "/events");
    const sockets = await open(site, 3, "/socket");
    const before = attack.begun;
    const slow = await slowReader(site.port, "/of/2000000", 800_000);
    expect(slow).toEqual({ bytes: 2_000_000, code: 0 });
    expect([...events, ...sockets].map(({ alive }) => alive())).toEqual(Array(6).fill(true));
    // The others were ended meanwhile.
    expect(attack.begun - before).toBeGreaterThan(20);
  });

  it("more streams of events than the pool has connections", async () => {
    const site = await startSite();
    cleanups.push(() => site.close());
    const events = await open(site, 256, "/events");
    const seen = await neighbour(site.port, 2000);
    expect(seen.statuses).toEqual({ 200: seen.count });
    expect(events.every(({ alive }) => alive())).toBe(true);
    // As many again, and nobody waits any more.
    events.push(...(await open(site, 256, "/events")));
    const later = await neighbour(site.port, 500);
    expect(later.statuses).toEqual({ 200: later.count });
    expect(events.every(({ alive }) => alive())).toBe(true);
  });

  it("answers of usual size do not keep the backend, whether they are read or not", async () => {
    const site = await startSite({ limits: { connections: 2 } });
    const attack = new Attack();
    cleanups.push(
      () => site.close(),
      () => attack.end(),
    );
    closedWindows(site.port, "127.0.0.1", 40, attack, "/of/700000");
    await sleep(1500);
    expect([site.backend.open, attack.begun]).toEqual([0, 40]);
  });
});
