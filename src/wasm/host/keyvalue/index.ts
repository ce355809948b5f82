import { KeyValueError, keyValueLimits, type KeyValueStore } from "../../keyvalue/contract.ts";
import { host, type Function, type HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";
import { hostLimits } from "../limits.ts";
import type { GuestMemory } from "../memory.ts";
import { putResult, type ResultLayout, type Told } from "../results.ts";
import { Allowance } from "./allowance.ts";
import { Bucket, Cas } from "./resources.ts";

/** Keys that one call of `list-keys` answers. */
const keysAtOnce = 1000;
/** What a call of a store takes, in bytes that could be moved meanwhile. */
const callBytes = 16 << 10;
const [noSuchStore, accessDenied, other] = [0, 1, 2];

/** A `result<T, error>`, by what it holds. */
const usual: ResultLayout = { payload: 4, size: 16, align: 4 };
const ofKeys: ResultLayout = { payload: 4, size: 24, align: 4 };
const ofCountedKeys: ResultLayout = { payload: 8, size: 32, align: 8 };
const ofNumber: ResultLayout = { payload: 8, size: 24, align: 8 };

/**
 * Calls a store and writes what comes of it. What changes something cannot be undone, so that a guest which may have to
 * begin again does so first, in the way in which it need not.
 */
function answer<T>(
  guest: Guest,
  memory: GuestMemory,
  result: number,
  layout: ResultLayout,
  call: () => T,
  put?: (at: number, value: T) => void,
): void {
  if (guest.entry !== "waiting" && guest.entry !== "event") throw guest.cannotWait();
  guest.worked(callBytes);
  putResult(layout, told, memory, result, call, put);
}

const told: Told<KeyValueError> = {
  kind: KeyValueError,
  put: (memory, at, { message }) => putError(memory, at, other, message),
};

function putError(memory: GuestMemory, at: number, kind: number, text = ""): void {
  if (kind === other) memory.putText(at + 4, text);
  memory.view.setUint8(at, kind);
}

/** An `option<list<u8>>`. */
function putValue(memory: GuestMemory, at: number, value: Uint8Array | undefined): void {
  if (value !== undefined) memory.putBytes(at + 4, value);
  memory.view.setUint8(at, Number(value !== undefined));
}

function putKeys(memory: GuestMemory, at: number, keys: readonly string[]): void {
  const list = memory.allocate(keys.length * 8, 4);
  for (const [i, key] of keys.entries()) memory.putText(list + i * 8, key);
  memory.view.setUint32(at, list, true);
  memory.view.setUint32(at + 4, keys.length, true);
}

function storeOf(guest: Guest, handle: number) {
  return guest.handles.get<Bucket>(handle, "bucket").store;
}

/** A copy: a store may keep what it is given. */
function bytesAt(memory: GuestMemory, pointer: number, size: number): Buffer {
  return Buffer.from(memory.slice(pointer, size));
}

function count(guest: Guest, size: number): number {
  const many = size >>> 0;
  if (many > hostLimits.list) {
    throw guest.fail("component-resources", `${many} keys at once, at most ${hostLimits.list} are allowed`);
  }
  return many;
}

function keysAt(guest: Guest, memory: GuestMemory, pointer: number, size: number): string[] {
  const many = count(guest, size);
  const at = memory.from(pointer, many * 8, 4);
  const allowance = new Allowance(guest);
  return Array.from({ length: many }, (_, i) => {
    const { view } = memory;
    const length = view.getUint32(at + i * 8 + 4, true);
    allowance.take(length);
    return memory.text(view.getUint32(at + i * 8, true), length);
  });
}

/** Values of a store, as long as they fit into one call. */
function valuesOf(guest: Guest, store: KeyValueStore, keys: readonly string[]): (Uint8Array | undefined)[] {
  const allowance = new Allowance(guest);
  return keys.map((key) => {
    const value = store.get(key);
    if (allowance.fits(value?.length ?? 0)) return value;
    throw new KeyValueError(`these are more than ${hostLimits.batchBytes} bytes: ask for fewer at a time`);
  });
}

/** The host keeps a value until it is swapped. */
function casOf(guest: Guest, store: KeyValueStore, key: string, before: Uint8Array | undefined): Cas {
  guest.keeps(key.length + (before?.length ?? 0));
  return new Cas(store, key, before);
}

const open: Function = host("iii", (guest, memory) => (pointer: number, size: number, result: number) => {
  const name = memory.text(pointer, size);
  const at = memory.at(result, usual.size, usual.align);
  const found = guest.component.host.keyValue?.(name) ?? "no-such-store";
  const denied = typeof found === "string";
  if (found === "access-denied") guest.component.failures.unopened(name);
  if (denied) putError(memory, at + 4, found === "no-such-store" ? noSuchStore : accessDenied);
  else memory.view.setUint32(at + 4, guest.handles.add(new Bucket(found)), true);
  memory.view.setUint8(at, Number(denied));
});

const bucket = {
  "[method]bucket.get": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const [store, key] = [storeOf(guest, handle), memory.text(pointer, size)];
      answer(
        guest,
        memory,
        result,
        usual,
        () => store.get(key),
        (at, value) => putValue(memory, at, value),
      );
    },
  ),
  "[method]bucket.set": host(
    "iiiiii",
    (guest, memory) => (handle: number, key: number, keySize: number, value: number, size: number, result: number) => {
      const [store, name, bytes] = [storeOf(guest, handle), memory.text(key, keySize), bytesAt(memory, value, size)];
      answer(guest, memory, result, usual, () => store.set(name, bytes));
    },
  ),
  "[method]bucket.delete": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const [store, key] = [storeOf(guest, handle), memory.text(pointer, size)];
      answer(guest, memory, result, usual, () => store.delete(key));
    },
  ),
  "[method]bucket.exists": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const [store, key] = [storeOf(guest, handle), memory.text(pointer, size)];
      answer(
        guest,
        memory,
        result,
        usual,
        () => store.has(key),
        (at, is) => memory.view.setUint8(at, Number(is)),
      );
    },
  ),
  "[method]bucket.list-keys": host(
    "iiiii",
    (guest, memory) => (handle: number, some: number, pointer: number, size: number, result: number) => {
      const [store, after] = [storeOf(guest, handle), some === 0 ? undefined : memory.text(pointer, size)];
      answer(
        guest,
        memory,
        result,
        ofKeys,
        () => store.keys(after, keysAtOnce),
        (at, keys) => {
          const more = keys.length === keysAtOnce;
          putKeys(memory, at, keys);
          if (more) memory.putText(at + 12, keys.at(-1)!);
          memory.view.setUint8(at + 8, Number(more));
        },
      );
    },
  ),
} satisfies Record<string, Function>;

/** The draft before counts the keys that were listed, where the later one names the last of them. */
const listByNumber = host("iiIi", (guest, memory) => (handle: number, some: number, from: bigint, result: number) => {
  const store = storeOf(guest, handle);
  const before = some === 0 ? 0n : BigInt.asUintN(64, from);
  answer(
    guest,
    memory,
    result,
    ofCountedKeys,
    () => (before > keyValueLimits.keys ? [] : store.keys(undefined, keysAtOnce, Number(before))),
    (at, keys) => {
      const more = keys.length === keysAtOnce;
      putKeys(memory, at, keys);
      if (more) memory.view.setBigUint64(at + 16, before + BigInt(keysAtOnce), true);
      memory.view.setUint8(at + 8, Number(more));
    },
  );
});

const atomics: Record<string, Function> = {
  increment: host(
    "iiiIi",
    (guest, memory) => (handle: number, pointer: number, size: number, delta: bigint, result: number) => {
      const [store, key] = [storeOf(guest, handle), memory.text(pointer, size)];
      answer(
        guest,
        memory,
        result,
        ofNumber,
        () => store.increment(key, delta),
        (at, sum) => memory.view.setBigInt64(at, sum, true),
      );
    },
  ),
  "[static]cas.new": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
      const [store, key] = [storeOf(guest, handle), memory.text(pointer, size)];
      answer(
        guest,
        memory,
        result,
        usual,
        () => store.get(key),
        (at, value) => memory.view.setUint32(at, guest.handles.add(casOf(guest, store, key, value)), true),
      );
    },
  ),
  "[method]cas.current": host("ii", (guest, memory) => (handle: number, result: number) => {
    const { before } = guest.handles.get<Cas>(handle, "cas");
    answer(
      guest,
      memory,
      result,
      usual,
      () => before,
      (at, value) => putValue(memory, at, value),
    );
  }),
  // result<_, cas-error>: the case of cas-error at 4; a store's error, or the fresh cas, at 8.
  swap: host("iiii", (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
    if (guest.entry !== "waiting" && guest.entry !== "event") throw guest.cannotWait();
    guest.worked(callBytes);
    const { store, key, before } = guest.handles.take<Cas>(handle, "cas");
    const bytes = bytesAt(memory, pointer, size);
    const at = memory.at(result, 20, 4);
    try {
      const swapped = store.swap(key, before, bytes);
      const again = swapped ? 0 : guest.handles.add(casOf(guest, store, key, store.get(key)));
      if (!swapped) memory.view.setUint32(at + 8, again, true);
      memory.view.setUint8(at + 4, 1);
      memory.view.setUint8(at, Number(!swapped));
    } catch (error) {
      if (!(error instanceof KeyValueError)) throw error;
      putError(memory, at + 8, other, error.message);
      memory.view.setUint8(at + 4, 0);
      memory.view.setUint8(at, 1);
    }
  }),
};

/** Bytes of an `option<tuple<string, list<u8>>>`. */
const optionalPair = 20;

const batch: Record<string, Function> = {
  "get-many": host("iiii", (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
    const [store, keys] = [storeOf(guest, handle), keysAt(guest, memory, pointer, size)];
    answer(
      guest,
      memory,
      result,
      usual,
      () => valuesOf(guest, store, keys),
      (at, values) => {
        const list = memory.allocate(values.length * optionalPair, 4);
        for (const [i, value] of values.entries()) {
          const entry = list + i * optionalPair;
          if (value !== undefined) {
            memory.putText(entry + 4, keys[i]!);
            memory.putBytes(entry + 12, value);
          }
          memory.view.setUint8(entry, Number(value !== undefined));
        }
        memory.view.setUint32(at, list, true);
        memory.view.setUint32(at + 4, values.length, true);
      },
    );
  }),
  "set-many": host("iiii", (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
    const many = count(guest, size);
    const list = memory.from(pointer, many * 16, 4);
    const { view } = memory;
    const word = (at: number): number => view.getUint32(at, true);
    const allowance = new Allowance(guest);
    const entries = Array.from({ length: many }, (_, i) => {
      const at = list + i * 16;
      allowance.take(word(at + 4) + word(at + 12));
      return [memory.text(word(at), word(at + 4)), bytesAt(memory, word(at + 8), word(at + 12))] as const;
    });
    answer(guest, memory, result, usual, () => storeOf(guest, handle).setMany(entries));
  }),
  "delete-many": host("iiii", (guest, memory) => (handle: number, pointer: number, size: number, result: number) => {
    const [store, keys] = [storeOf(guest, handle), keysAt(guest, memory, pointer, size)];
    answer(guest, memory, result, usual, () => store.deleteMany(keys));
  }),
};

/** https://github.com/WebAssembly/wasi-keyvalue, 0.2.0-draft2 and draft: the stores that a component's capabilities name. */
export const keyvalue: Record<string, HostInterface> = {
  "wasi:keyvalue/store@0.2.0-draft": {
    functions: { open, ...bucket, "[method]bucket.list-keys": listByNumber },
    resources: ["bucket"],
  },
  "wasi:keyvalue/store": { functions: { open, ...bucket }, resources: ["bucket"] },
  "wasi:keyvalue/atomics": { functions: atomics, resources: ["cas", "bucket"] },
  "wasi:keyvalue/batch": { functions: batch, resources: ["bucket"] },
};
