import { expect, it } from "vitest";
import { Fields } from "../http/fields.ts";
import type { GuestMemory } from "../memory.ts";
import { Response } from "./messages.ts";
import { response } from "./response.ts";

it("takes the statuses that HTTP has, as the tests of WASI 0.3 want it, and keeps another that came with it", () => {
  const made = new Response(new Fields([], false), undefined);
  const guest = { handles: { get: () => made } } as never;
  const set = response["[method]response.set-status-code"].bind(guest, {} as GuestMemory) as (
    handle: number,
    status: number,
  ) => number;
  for (const status of [100, 101, 200, 304, 505, 599]) expect([set(1, status), made.status]).toEqual([0, status]);
  made.status = 999;
  for (const status of [0, 42, 99, 600, 999, 1000, 65_535]) expect([set(1, status), made.status]).toEqual([1, 999]);
});
