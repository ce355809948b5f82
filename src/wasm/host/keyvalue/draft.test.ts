import { expect, it } from "vitest";
import { usualCounts } from "../../../model/plan/index.ts";
import { ComponentScope } from "../component.ts";
import { Guest } from "../guest.ts";
import { hostFunction, know } from "../known.ts";
import { GuestMemory } from "../memory.ts";
import { keyvalue } from "./index.ts";

know(keyvalue);
const result = 64;
const all = Array.from({ length: 1500 }, (_, i) => `key-${String(i).padStart(4, "0")}`);
const keys = (after: string | undefined, count: number, skip = 0): string[] => {
  const from = after === undefined ? 0 : all.indexOf(after) + 1;
  return all.slice(from + skip, from + skip + count);
};

/** The function of a draft, and the types of its parameters. */
function listKeys(version: string) {
  const guest = new Guest(
    new ComponentScope(
      { limits: usualCounts } as never,
      {
        config: new Map(),
        logger: {},
        keyValue: () => ({ keys }),
      } as never,
    ),
  );
  guest.entry = "waiting";
  let top = 4096;
  const realloc = (_old: number, _oldSize: number, align: number, size: number): number => {
    const at = Math.ceil(top / align) * align;
    top = at + size;
    return at;
  };
  const memory = new GuestMemory(guest, { memory: new WebAssembly.Memory({ initial: 4 }), realloc });
  const use = (name: string) => {
    const plan = { kind: "function", interface: "wasi:keyvalue/store", version, name, async: false, params: [], results: [] };
    return hostFunction(plan as never)!;
  }; // prettier-ignore
  use("open").bind(guest, memory)(...([0, 0, result] as never[]));
  const handle = memory.view.getUint32(result + 4, true);
  const { params, bind } = use("[method]bucket.list-keys");
  return { memory, handle, params, call: bind(guest, memory) as (...args: (number | bigint)[]) => unknown };
}

it("lists keys by their number for who was built against the first draft", () => {
  const { memory, handle, params, call } = listKeys("0.2.0-draft");
  expect(params).toEqual(["i32", "i32", "i64", "i32"]);
  const page = (...cursor: [number, bigint]) => {
    call(handle, ...cursor, result);
    const { view } = memory;
    const [list, count] = [view.getUint32(result + 8, true), view.getUint32(result + 12, true)];
    const first = count === 0 ? undefined : memory.text(view.getUint32(list, true), view.getUint32(list + 4, true));
    const next = view.getUint8(result + 16) === 0 ? undefined : view.getBigUint64(result + 24, true);
    return { ok: view.getUint8(result) === 0, count, first, next };
  };
  expect(page(0, 0n)).toEqual({ ok: true, count: 1000, first: "key-0000", next: 1000n });
  expect(page(1, 1000n)).toEqual({ ok: true, count: 500, first: "key-1000", next: undefined });
  expect(page(1, 2n ** 64n - 1n)).toEqual({ ok: true, count: 0, first: undefined, next: undefined });
});

it("lists keys by the last of them for who was built against the second", () => {
  expect(listKeys("0.2.0-draft2").params).toEqual(["i32", "i32", "i32", "i32", "i32"]);
});
