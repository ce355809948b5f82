import type { CommandWorld } from "../cli/command-world.ts";
import type { Guest } from "../guest.ts";
import { Descriptors } from "./descriptors.ts";

/** What a program has; a function of WASI before it is started, as its memory is filled, ends it. */
export function worldOf(guest: Guest): CommandWorld {
  if (guest.command !== undefined) return guest.command;
  throw guest.fail("component-trapped", "calls WASI before it is started");
}

const tables = new WeakMap<CommandWorld, Descriptors>();

/** What a call takes that names a descriptor, refused or not, in bytes that could be moved meanwhile. */
const callBytes = 256;

/** What a program has open: made when it first asks for it, gone with its world. */
export function descriptorsOf(guest: Guest): Descriptors {
  const world = worldOf(guest);
  if (world.alone !== true) guest.worked(callBytes);
  let found = tables.get(world);
  if (found === undefined) tables.set(world, (found = new Descriptors(guest, world)));
  return found;
}
