import { readFile } from "node:fs/promises";
import { componentEmbed, componentNew, parse, preview1AdapterReactorPath } from "@bytecodealliance/jco";

/** A core module or a component from its text form. */
export async function wat(text: string): Promise<Uint8Array> {
  return Uint8Array.from(await parse(text));
}

/** What toolchains make of a core module and a WIT world `w`, shims and fix-ups included. */
export async function componentOf(
  core: Uint8Array,
  wit: string,
  options: { preview1?: boolean } = {},
): Promise<Uint8Array> {
  const embedded = await componentEmbed({ binary: core, witSource: wit, worldName: "w" });
  const adapters: [string, Uint8Array][] = options.preview1
    ? [["wasi_snapshot_preview1", new Uint8Array(await readFile(preview1AdapterReactorPath()))]]
    : [];
  return Uint8Array.from(await componentNew(embedded, adapters));
}
