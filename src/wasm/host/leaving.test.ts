import { describe, expect, it } from "vitest";
import type { ComponentPlan } from "../../model/plan/index.ts";
import { loggerTo } from "../../foundation/log/index.ts";
import type { Function, HostInterface } from "./define.ts";
import { ComponentScope, Guest } from "./index.ts";
import { cli } from "./cli/index.ts";
import { clocks } from "./clocks/index.ts";
import { config } from "./config/index.ts";
import { filesystem } from "./filesystem/index.ts";
import { http } from "./http/index.ts";
import { io } from "./io/index.ts";
import { keyvalue } from "./keyvalue/index.ts";
import { logging } from "./logging/index.ts";
import { GuestMemory } from "./memory.ts";
import { random } from "./random/index.ts";
import { sockets } from "./sockets/index.ts";
import { cli as cli3 } from "./wasi3/cli.ts";
import { clocks as clocks3 } from "./wasi3/clocks.ts";
import { filesystem as filesystem3 } from "./wasi3/filesystem/index.ts";
import { http as http3 } from "./wasi3/http.ts";
import { random as random3 } from "./wasi3/random.ts";
import { sockets as sockets3 } from "./wasi3/sockets/index.ts";

// A guest that is asked for memory must not call out (`may_leave` of the canonical ABI). Nothing is in front of the
// functions of the host that would find out: this holds each of them to it.

const known: [string, Record<string, HostInterface>][] = [
  [
    "0.2",
    { ...cli, ...clocks, ...config, ...filesystem, ...http, ...io, ...keyvalue, ...logging, ...random, ...sockets },
  ],
  ["0.3", { ...cli3, ...clocks3, ...filesystem3, ...http3, ...random3, ...sockets3 }],
];

/** They say the same to everybody and change nothing; or what they are asked with is a trap itself. */
const harmless = /resolution$|^wasi:io\/poll#poll$/;

function guestAndMemory(): [Guest, GuestMemory, ask: (call: () => void) => void] {
  const limits = { resources: 100, log: 1000, headers: 100, headerBytes: 1000 };
  const plan = { id: "default/a", isolation: "request", limits, config: {} };
  const host = { logger: loggerTo(() => {}), config: new Map(), fetch: () => Promise.reject(new Error("none")) };
  const guest = new Guest(new ComponentScope(plan as unknown as ComponentPlan, host as never));
  let inside: () => void = () => {};
  const realloc = (): number => {
    inside();
    return 1024;
  };
  const memory = new GuestMemory(guest, { memory: new WebAssembly.Memory({ initial: 1 }), realloc });
  return [
    guest,
    memory,
    (call) => {
      inside = call;
      memory.allocate(8, 4);
    },
  ];
}

/** What comes of a call with nothing but zeros from below `realloc`. */
async function outcome({ bind, params }: Function): Promise<string> {
  const [guest, memory, ask] = guestAndMemory();
  const zeros = params.map((type) => (type === "i64" ? 0n : 0)) as never[];
  let answer: unknown;
  try {
    ask(() => (answer = bind(guest, memory)(...zeros)));
    await answer;
  } catch (error) {
    return (error as Error).message;
  }
  return "it was let out";
}

const rows = known.flatMap(([version, interfaces]) =>
  Object.entries(interfaces).flatMap(([name, { functions }]) =>
    Object.entries(functions).flatMap(([of, found]): [string, Function][] => [
      [`${name}#${of} of ${version}`, found],
      ...(found.async === undefined
        ? []
        : [[`${name}#${of} of ${version}, asynchronously`, found.async] as [string, Function]]),
    ]),
  ),
);

describe("below realloc", () => {
  it("no function of the host lets a guest out", async () => {
    expect(rows.length).toBeGreaterThan(250);
    const free = new Map<string, string>();
    for (const [name, found] of rows) {
      const came = await outcome(found);
      if (!came.startsWith("calls out where it must not") && !harmless.test(name.split(" ")[0]!)) free.set(name, came);
    }
    expect([...free]).toEqual([]);
  });
});
