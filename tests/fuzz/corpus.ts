import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeComponent, type Component } from "../../src/wasm/binary/index.ts";
import { BandstandError } from "../../src/foundation/errors/index.ts";

/** Bytes of a file that is still looked at. */
const largest = 40 << 20;

/** Paths of all `.wasm` files below a folder; links are not followed. */
export function wasmFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return wasmFiles(path);
    return entry.isFile() && entry.name.endsWith(".wasm") ? [path] : [];
  });
}

/** A file, where it is one that begins like WebAssembly. */
export function wasmOf(path: string): Buffer | undefined {
  const bytes = readFileSync(path);
  return bytes.length > largest || !bytes.subarray(0, 4).equals(Buffer.from("\0asm")) ? undefined : bytes;
}

export function isComponent(bytes: Uint8Array): boolean {
  return bytes[6] === 1;
}

/** The core modules of a file: itself, or those of a component at any depth; none where it is damaged. */
export function coreModules(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length === 0) return [];
  if (!isComponent(bytes)) return [bytes];
  try {
    return modulesOf(decodeComponent(bytes));
  } catch (error) {
    if (error instanceof BandstandError && error.code !== "internal") return [];
    throw error;
  }
}

function modulesOf({ definitions }: Component): Uint8Array[] {
  return definitions.flatMap((found) => {
    if (found.kind === "core-module") return [found.bytes];
    return found.kind === "component" ? modulesOf(found.component) : [];
  });
}
