import type { Guest } from "../guest.ts";

/** Ends a guest by its own wish, with a code where it is a command. */
export function exit(guest: Guest, code: number): never {
  if (guest.command !== undefined) guest.command.exitCode ??= code;
  throw guest.fail("component-trapped", `exited with code ${code} instead of answering`);
}
