import { HostItems, type HostBytes, type Pipe, type StreamReader } from "../../async/index.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";

/** Takes a stream of bytes from the guest. */
export function takeStream(guest: Guest, handle: number): Pipe | HostBytes {
  const reader = guest.handles.get<StreamReader>(handle, "stream-reader");
  const { origin } = reader;
  if (reader.element.size !== 1 || reader.isCopying || reader.isDone || origin instanceof HostItems) {
    throw guest.fail("component-trapped", `stream ${handle} cannot be handed over`);
  }
  if (reader.isInSet) {
    throw guest.fail("component-trapped", `stream ${handle} is handed over while a set waits for it`);
  }
  guest.handles.take<StreamReader>(handle, "stream-reader");
  return origin;
}

/** Both handles of a pair. */
export function putHandles(memory: GuestMemory, result: number, first: number, second: number): void {
  const at = memory.at(result, 8, 4);
  memory.view.setUint32(at, first, true);
  memory.view.setUint32(at + 4, second, true);
}
