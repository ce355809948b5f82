import { host, type Function, type HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";

/** `errno` of WASI 0.1. */
const success = 0;

type Texts = (guest: Guest) => readonly string[];

const args: Texts = (guest) => guest.command?.args ?? [];
const variables: Texts = (guest) => (guest.command?.environment ?? []).map((pair) => pair.join("="));

/** How many, and their bytes with the zero behind each. */
function sizes(texts: Texts): Function {
  return host("ii:i", (guest, memory) => (count: number, size: number) => {
    const found = texts(guest);
    memory.view.setUint32(memory.at(count, 4, 4), found.length, true);
    memory.view.setUint32(memory.at(size, 4, 4), bytesOf(found).length, true);
    return success;
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
    return success;
  });
}

function bytesOf(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\0`).join(""));
}

/** What modules of WASI 0.1 ask past their adapter, since it fails some of them there. */
export const preview1: Record<string, HostInterface> = {
  wasi_snapshot_preview1: {
    functions: {
      args_get: get(args),
      args_sizes_get: sizes(args),
      environ_get: get(variables),
      environ_sizes_get: sizes(variables),
    },
    resources: [],
  },
};
