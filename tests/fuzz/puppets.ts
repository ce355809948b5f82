import { setTimeout as sleep } from "node:timers/promises";
import { BandstandError } from "../../src/foundation/errors/index.ts";
import { usualCounts } from "../../src/model/plan/index.ts";
import { contextOf, load, requestOf, streamOf, textOf, type Loaded } from "../host/load.ts";
import { answers, Chance } from "../resilience/puppet/chance.ts";
import { puppet, type PuppetKind } from "../resilience/puppet/component.ts";
import { Scripts } from "../resilience/puppet/script.ts";
import { randomOf } from "./mutate.ts";

/** What came of scripts written by chance, done by guests of WASI 0.3. */
export interface Puppeteering {
  runs: number;
  /** Those that came to an answer, whole. */
  answered: number;
  findings: { seed: number; what: string }[];
}

const kinds: readonly PuppetKind[] = [
  {},
  { blocking: true },
  { blocking: true, stackful: true },
  { composed: true },
  { composed: true, blocking: true },
  { catches: true },
  { composed: true, blocking: true, catches: true },
];

const limits = {
  memory: 16 << 20,
  cpu: 30,
  wall: 100,
  requestBody: 1 << 20,
  responseBody: 1 << 20,
  ...usualCounts,
  concurrency: 8,
  resources: 200,
};

/** Milliseconds after which a request that has no answer never gets one, on a machine however busy. */
const hanging = 30_000;

/** How an error of the host reads where one of the guest is due. */
const ownError = /undefined|null|TypeError|ReferenceError|Cannot |is not a function|not iterable|\[object/;

interface Target {
  kind: PuppetKind;
  component: Loaded;
  outer: Scripts;
  inner: Scripts;
}

/** @param first seed of the first batch: the same one writes the same scripts. */
export async function fuzzPuppets({ first, seconds }: { first: number; seconds: number }): Promise<Puppeteering> {
  const result: Puppeteering = { runs: 0, answered: 0, findings: [] };
  let seed = first;
  const found = (what: string): void => void result.findings.push({ seed, what });
  const lost = (error: unknown): void => found(`nobody caught ${error instanceof Error ? error.stack : error}`);
  process.on("unhandledRejection", lost).on("uncaughtException", lost);
  const targets: Target[] = [];
  for (const kind of kinds)
    for (const isolation of ["request", "reuse"] as const) targets.push(await target(kind, isolation));
  const end = Date.now() + seconds * 1000;
  for (; Date.now() < end; seed++) {
    const next = targets[seed % targets.length]!;
    const many = seed % 5 === 0 ? 6 : 1;
    await Promise.all(Array.from({ length: many }, (_, i) => run(next, seed * 16 + i, result, found)));
    if (seed % 20 === 0) await checkServes(next, found);
  }
  for (const { component } of targets) {
    const line = component.lines.find(({ message, fields }) => ownError.test(message + JSON.stringify(fields)));
    if (line !== undefined) found(`logged ${line.message}`);
    await component.close();
  }
  process.off("unhandledRejection", lost).off("uncaughtException", lost);
  return result;
}

async function target(kind: PuppetKind, isolation: "request" | "reuse"): Promise<Target> {
  const fetch = async () => ({ status: 200, headers: ["a", "b"], body: streamOf(["one", "two"]) });
  const component = await load(await puppet(kind), { plan: { isolation, limits }, host: { fetch } });
  return { kind, component, outer: new Scripts(kind), inner: new Scripts({ ...kind, inside: true }) };
}

/** One script; it may end in any way that a guest can end in, in time. */
async function run(
  { kind, component, outer, inner }: Target,
  seed: number,
  result: Puppeteering,
  found: (what: string) => void,
): Promise<void> {
  const random = randomOf(seed);
  const script = outer.write(new Chance(kind, random).script(5 + (random() % 40)), inner);
  if (script.length > 3800) return;
  result.runs++;
  const pieces = ["abc", "defgh", "x".repeat(random() % 5000)];
  const trailers = random() % 3 === 0 ? { trailers: ["a", "b"] } : {};
  const body = random() % 2 === 0 ? undefined : Object.assign(streamOf(pieces), trailers);
  const client = new AbortController();
  if (random() % 4 === 0) {
    setTimeout(() => client.abort(new BandstandError("client-gone", "the client is gone")), random() % 30);
  }
  const request = requestOf({ method: body === undefined ? "GET" : "POST", target: `/p/${script}`, body });
  const whole = async (): Promise<void> => {
    await textOf(await component.handle(request, contextOf(client.signal)));
    result.answered++;
  };
  const watch = new AbortController();
  const hangs = sleep(hanging, undefined, { signal: watch.signal }).then(() => found(`script ${seed} hangs`));
  hangs.catch(() => {});
  try {
    await Promise.race([whole(), hangs]);
  } catch (error) {
    const what = flawOf(error);
    if (what !== undefined) found(`script ${seed} ${what}`);
  }
  watch.abort();
}

/** What is wrong with how a script ended; undefined: it is the guest's fault, and said so. */
function flawOf(error: unknown): string | undefined {
  if (!(error instanceof BandstandError)) return `threw ${error instanceof Error ? error.stack : String(error)}`;
  const { cause, message } = error;
  const isGuests = cause === undefined || cause instanceof BandstandError || cause instanceof WebAssembly.RuntimeError;
  const isStack = cause instanceof RangeError && cause.message.includes("call stack");
  if (!isGuests && !isStack) return `ended with ${cause instanceof Error ? cause.stack : String(cause)}`;
  return ownError.test(message) ? `ended with ${message}` : undefined;
}

/** Whatever was done to it, it answers who asks for an answer, unless another call there has just failed. */
async function checkServes({ component, outer }: Target, found: (what: string) => void): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      const { status } = await component.handle(requestOf({ target: `/p/${outer.write(answers)}` }), contextOf());
      if (status !== 200) found(`answers ${status}`);
      return;
    } catch (error) {
      if (!(error instanceof BandstandError) || !error.message.includes("another call")) {
        return found(`does not answer any more: ${String(error)}`);
      }
    }
  }
}
