import { answerHere, answerLater, type Call } from "../../../async/index.ts";
import { host, waiting, type Function } from "../../define.ts";
import type { Guest } from "../../guest.ts";
import type { GuestMemory } from "../../memory.ts";

type Begin<T> = (guest: Guest, memory: GuestMemory, parameters: T, result: number) => Call;

/** How the parameters of a function lie flat, and in memory where there are too many for an asynchronous lower. */
interface Parameters<T> {
  flat: number;
  size: number;
  ofFlat(guest: Guest, memory: GuestMemory, flat: readonly number[]): T;
  at(guest: Guest, memory: GuestMemory, at: number): T;
}

/** An asynchronous function with more parameters than fit, in both ways that a guest may take it. */
export function laterWith<T>({ flat, size, ofFlat, at }: Parameters<T>, begin: Begin<T>): Function {
  const here = waiting(`${"i".repeat(flat + 1)}:`, (guest, memory) => (...args: number[]) => {
    return answerHere(guest, begin(guest, memory, ofFlat(guest, memory, args), args[flat]!));
  });
  const async = host("ii:i", (guest, memory) => (pointer: number, result: number) => {
    return answerLater(guest, begin(guest, memory, at(guest, memory, memory.from(pointer, size, 4)), result));
  });
  return Object.assign(here, { async });
}
