import * as fc from "fast-check";
import { expect, it } from "vitest";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { usualCounts } from "../../../model/plan/index.ts";
import { Network } from "../../sockets/index.ts";
import { ComponentScope } from "../component.ts";
import { Guest } from "../guest.ts";
import { io } from "../io/index.ts";
import { GuestMemory } from "../memory.ts";
import { sockets as wasi3 } from "../wasi3/sockets/index.ts";
import { sockets } from "./index.ts";

const functions = [
  ...Object.values(wasi3).flatMap((each) => Object.entries(each.functions)),
  ...Object.entries({
    ...Object.assign({}, ...Object.values(sockets).map((each) => each.functions)),
    ...io["wasi:io/streams"]!.functions,
    ...io["wasi:io/poll"]!.functions,
  }),
] as [string, (typeof sockets)[string]["functions"][string]][];
const kinds = [...Object.values(sockets), ...Object.values(io)].flatMap(({ resources }) => resources);

/** Handles that are there, places in memory and numbers of cases, and now and then anything. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 2, arbitrary: fc.nat(4096).map((at) => at * 8) },
  { weight: 1, arbitrary: fc.integer() },
);
const step = fc.record({
  which: fc.nat(),
  drop: fc.integer({ min: 0, max: 5 }),
  numbers: fc.array(number, { minLength: 16, maxLength: 16 }),
});

it("whatever a guest calls in whatever order, it is answered or ended, and nothing stays open", async () => {
  const before = process.getActiveResourcesInfo().length;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      const network = new Network(["127.0.0.1", "::1", "0.0.0.0"], () => {});
      const guest = new Guest(
        new ComponentScope({ limits: usualCounts } as never, { config: new Map(), logger: {} } as never),
      );
      guest.network = network;
      guest.entry = "waiting";
      let top = 40_000;
      const realloc = (_: number, __: number, align: number, size: number): number => {
        top = Math.ceil(top / align) * align;
        if (top + size > 65_536) top = 40_000;
        return (top += size) - size;
      };
      const memory = new GuestMemory(guest, { memory: new WebAssembly.Memory({ initial: 1 }), realloc });
      for (const family of [0, 1]) {
        for (const create of ["tcp-create-socket", "udp-create-socket"]) {
          const kind = create.slice(0, 3);
          sockets[`wasi:sockets/${create}`]!.functions[`create-${kind}-socket`]!.bind(
            guest,
            memory,
          )(...([family, 1024] as never[]));
        }
      }
      for (const { which, drop, numbers } of steps) {
        try {
          if (drop === 0) guest.handles.drop(numbers[0]!, kinds[which % kinds.length]!);
          else {
            const [, { params, bind }] = functions[which % functions.length]!;
            const made = bind(
              guest,
              memory,
            )(...(params.map((type, i) => (type === "i64" ? BigInt(numbers[i]!) : numbers[i]!)) as never[]));
            if (made instanceof Promise) {
              made.catch(() => {});
              guest.end(new BandstandError("component-wall", "enough"));
            }
          }
        } catch (error) {
          expect(error).toBeInstanceOf(BandstandError);
        }
        guest.failure = undefined;
        if (which % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      network.close();
    }),
    { numRuns: 300 },
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before + 1);
});
