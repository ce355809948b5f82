import { answerHere, answerLater, type Call } from "../../async/index.ts";
import { host, waiting, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";

type Begin = (guest: Guest, memory: GuestMemory) => (...args: never[]) => Call;

/**
 * An asynchronous function of the host, in both ways that a guest may take it.
 * @param signature of a plain lower, where results stand in memory.
 */
export function later(signature: string, begin: Begin): Function {
  const here = waiting(`${signature}:`, (guest, memory) => {
    const call = begin(guest, memory);
    return (...args) => answerHere(guest, call(...args));
  });
  const async = host(`${signature}:i`, (guest, memory) => {
    const call = begin(guest, memory);
    return (...args) => answerLater(guest, call(...args));
  });
  return Object.assign(here, { async });
}
