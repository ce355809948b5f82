import { usualCounts } from "../../../model/plan/index.ts";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { loggerTo } from "../../../foundation/log/index.ts";
import { builtIn, Task, type TaskOwner } from "../../async/index.ts";
import type { BuiltInName } from "../../binary/index.ts";
import { ComponentScope } from "../component.ts";
import type { BuiltInUse, CoreType } from "../contract.ts";
import { Guest } from "../guest.ts";
import { Exchange } from "../http/exchange.ts";
import { GuestMemory } from "../memory.ts";
import { Request, wasi3 } from "./index.ts";
import { Fields } from "../http/fields.ts";

const ends = ["new", "read", "write", "cancel-read", "cancel-write", "drop-readable", "drop-writable"] as const;
const builtIns: BuiltInName[] = [
  "task.cancel", "context.get", "context.set", "backpressure.inc", "backpressure.dec", "subtask.cancel", "subtask.drop",
  "waitable-set.new", "waitable-set.poll", "waitable-set.drop", "waitable.join", "error-context.new", "error-context.drop",
  ...ends.flatMap((end) => [`stream.${end}` as const, `future.${end}` as const]),
]; // prettier-ignore

const elements = [
  { size: 1, align: 1, plain: true },
  { size: 40, align: 8, plain: false },
] as const;

function guestOf(): { guest: Guest; memory: GuestMemory } {
  const limits = {
    memory: 1 << 20,
    cpu: 1000,
    wall: 1000,
    requestBody: 1 << 20,
    responseBody: 1 << 20,
    ...usualCounts,
  };
  const plan = {
    id: "test", digest: "", isolation: "request", runtime: "v8", limits, capabilities: { http: [], services: [], keyValue: [] }, config: {},
    identityHeaders: [],
  } as const; // prettier-ignore
  const logger = loggerTo(() => {}, { minimum: "error" });
  const host = { logger, config: new Map<string, string>(), fetch: () => Promise.reject(new Error("none here")) };
  const guest = new Guest(
    new ComponentScope({ ...plan, capabilities: { http: [], services: [], keyValue: [] }, identityHeaders: [] }, host),
  );
  guest.entry = "event";
  const request = {
    method: "POST",
    scheme: "http",
    authority: "a",
    target: "/",
    headers: ["a", "b"],
    body: "body",
  } as const;
  guest.exchange = new Exchange(
    guest,
    { ...request, headers: ["a", "b"] },
    { id: "1", remoteAddress: "", onAbort: () => {} },
    () => ({
      status: 200,
      headers: [],
      body: "next",
    }),
  );
  guest.handles.add(new Request(new Fields(["a", "b"], false), "body"));
  const owner: TaskOwner = {
    entering: () => {},
    left: () => {},
    returned: () => {},
    paused: () => {},
    ended: () => {},
  };
  guest.tasks.current = new Task(guest, owner);
  let heap = 32_768;
  const realloc = (_: number, __: number, align: number, size: number): number => {
    heap = Math.ceil(heap / align) * align;
    if (heap + size > 65_536) heap = 32_768;
    return (heap += size) - size;
  };
  const raw = new WebAssembly.Memory({ initial: 1 });
  return { guest, memory: new GuestMemory(guest, { memory: raw, realloc }) };
}

/** Mostly handles and places that exist, sometimes anything. */
const number = fc.oneof(
  { weight: 12, arbitrary: fc.nat(14) },
  { weight: 3, arbitrary: fc.nat(4000).map((n) => n * 8) },
  { weight: 1, arbitrary: fc.integer() },
);
const call = fc.record({ which: fc.nat(), element: fc.nat(1), args: fc.array(number, { minLength: 9, maxLength: 9 }) });

type Callable = { params: readonly CoreType[]; run: (...args: never[]) => unknown };

function callables(guest: Guest, memory: GuestMemory, element: 0 | 1): Callable[] {
  const use = (name: BuiltInName): BuiltInUse => ({
    kind: "built-in", name, element: elements[element], async: true, cancellable: true, slot: 0, params: [], results: [],
  }); // prettier-ignore
  const all: Callable[] = builtIns.map((name) => ({
    params: ["i32", "i32", "i32"],
    run: builtIn(use(name), guest, memory),
  }));
  for (const { functions } of Object.values(wasi3)) {
    for (const found of Object.values(functions)) {
      const made = found.async ?? found;
      all.push({ params: made.params, run: made.bind(guest, memory) });
    }
  }
  return all;
}

/** One of most things that there are, behind the first handles. */
function prepare(guest: Guest, memory: GuestMemory): void {
  for (const element of elements) {
    for (const name of ["stream.new", "future.new", "waitable-set.new"] as const) {
      builtIn(
        { kind: "built-in", name, element, async: true, cancellable: true, slot: 0, params: [], results: [] },
        guest,
        memory,
      )();
    }
  }
  for (const name of ["fields", "request-options"]) {
    (wasi3["wasi:http/types"]!.functions[`[constructor]${name}`]!.bind(guest, memory) as () => void)();
  }
}

it("answers whatever a guest calls with a value or with the end of the guest, never with an error of its own", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 100, maxLength: 300 }), async (calls) => {
      const { guest, memory } = guestOf();
      const tables = [callables(guest, memory, 0), callables(guest, memory, 1)];
      prepare(guest, memory);
      for (const { which, element, args } of calls) {
        const { params, run } = tables[element]![which % tables[element]!.length]!;
        const given = params.map((type, i) => (type === "i64" ? BigInt(args[i]!) : args[i]!));
        try {
          (run as (...values: unknown[]) => unknown)(...given);
        } catch (error) {
          expect(error).toBeInstanceOf(BandstandError);
          // Where it was is no matter: the guest goes on here, so that more is tried.
          guest.failure = undefined;
        }
      }
      await new Promise((resolve) => setImmediate(resolve));
      guest.exchange!.end(new BandstandError("client-gone", "over"));
      guest.tasks.reset();
      await new Promise((resolve) => setImmediate(resolve));
    }),
    { numRuns: 60 },
  );
});
