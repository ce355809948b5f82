import { restorerCode } from "./restorer-code.ts";

/**
 * Restores what is marked of a memory, and its size in pages of 64 KiB. From its byte `start` up to `end` an image has what it
 * was; the rest was zero. Goes through pages of marks from one on, and about so many at most. Answers the page to go on from
 * another time, or -1 where nothing is marked any more. Until then the memory must not be used.
 */
export type Restore = (pages: number, start: number, end: number, from: number, most: number) => number;

/** A function that restores the guest's memory from the image by its marks, and takes the marks away. */
export function restorer(memories: {
  guest: WebAssembly.Memory;
  marks: WebAssembly.Memory;
  image: WebAssembly.Memory;
}): Restore {
  compiled ??= new WebAssembly.Module(restorerCode());
  return new WebAssembly.Instance(compiled, { "": memories }).exports["restore"] as Restore;
}

let compiled: WebAssembly.Module | undefined;
