import type { Guest } from "../guest.ts";
import { calledOut } from "../trap.ts";

/** Ends a guest by its own wish, with a code where it is a command: the first one counts, if nothing else ended it before. */
export function exit(guest: Guest, code: number): never {
  if (guest.nested > 0) throw calledOut(guest);
  if (guest.command !== undefined && guest.failure === undefined) guest.command.exitCode = code;
  const { exchange } = guest;
  if (code === 0 && guest.failure === undefined && exchange !== undefined) exchange.left = true;
  const instead = exchange?.answer === undefined ? " instead of answering" : "";
  throw guest.fail("component-trapped", `exited with code ${code}${instead}`);
}
