import type { GuestMemory } from "./memory.ts";

/** How a `result` lies in memory. Bytes. */
export interface ResultLayout {
  size: number;
  align: 1 | 2 | 4 | 8;
  /** Where what it holds begins: the value, or the error. */
  payload: number;
}

/** The failures that a result tells the guest of; whatever else is thrown goes on. */
export interface Told<E extends Error> {
  kind: abstract new (...args: never[]) => E;
  put(memory: GuestMemory, at: number, error: E): void;
}

/** How a version of WASI writes the results of a family of functions, by what they hold. */
export interface ResultDialect<Holds extends string, E extends Error> {
  layouts: Record<Holds, ResultLayout>;
  told: Told<E>;
}

/** As `putResult`, with the layout that the version has for what the result holds. */
export function answer<T, Holds extends string, E extends Error>(
  { layouts, told }: ResultDialect<Holds, E>,
  memory: GuestMemory,
  result: number,
  holds: Holds,
  act: () => T,
  put?: (at: number, value: T) => void,
): void {
  putResult(layouts[holds], told, memory, result, act, put);
}

/** Does something and writes its result: the value, or why it failed. */
export function putResult<T, E extends Error>(
  { size, align, payload }: ResultLayout,
  { kind, put: putError }: Told<E>,
  memory: GuestMemory,
  result: number,
  act: () => T,
  put?: (at: number, value: T) => void,
): void {
  const at = memory.at(result, size, align);
  let value: T;
  try {
    value = act();
  } catch (error) {
    if (!(error instanceof kind)) throw error;
    putError(memory, at + payload, error);
    memory.view.setUint8(at, 1);
    return;
  }
  put?.(at + payload, value);
  memory.view.setUint8(at, 0);
}
