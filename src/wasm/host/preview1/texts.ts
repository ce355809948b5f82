import { isUtf8 } from "node:buffer";
import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";
import { errno } from "./errno-numbers.ts";
import { Refused } from "./errno.ts";
import { worldOf } from "./world.ts";

/** Bytes; no path of any system is longer. */
const longestPath = 64 << 10;

/** A path of a guest. Throws `ilseq` for what is not UTF-8, and `nametoolong`. */
export function pathOf(memory: GuestMemory, pointer: number, size: number): string {
  const bytes = memory.slice(pointer, size);
  if (bytes.length > longestPath) throw new Refused("nametoolong");
  if (!isUtf8(bytes)) throw new Refused("ilseq");
  return bytes.toString("utf8");
}

type Texts = (guest: Guest) => readonly string[];

const args: Texts = (guest) => worldOf(guest).args;
const variables: Texts = (guest) => worldOf(guest).environment.map((pair) => pair.join("="));

/** How many, and their bytes with the zero behind each. */
function sizes(texts: Texts): Function {
  return host("ii:i", (guest, memory) => (count: number, size: number) => {
    const found = texts(guest);
    memory.view.setUint32(memory.at(count, 4, 4), found.length, true);
    memory.view.setUint32(memory.at(size, 4, 4), bytesOf(found).length, true);
    return errno.success;
  });
}

/** A pointer to each, and all of them behind each other. */
function get(texts: Texts): Function {
  return host("ii:i", (guest, memory) => (pointers: number, buffer: number) => {
    const found = texts(guest);
    const bytes = bytesOf(found);
    let text = memory.at(buffer, bytes.length);
    const place = memory.at(pointers, found.length * 4, 4);
    memory.bytes.set(bytes, text);
    for (const [i, each] of found.entries()) {
      memory.view.setUint32(place + i * 4, text, true);
      text += Buffer.byteLength(each) + 1;
    }
    return errno.success;
  });
}

function bytesOf(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\0`).join(""));
}

/** Arguments and variables. */
export const textFunctions: Record<string, Function> = {
  args_get: get(args),
  args_sizes_get: sizes(args),
  environ_get: get(variables),
  environ_sizes_get: sizes(variables),
};
