import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { componentEmbed, componentNew } from "@bytecodealliance/jco";
import { decodeComponent, Writer } from "../../../src/wasm/binary/index.ts";

const handler = "wasi:http/handler@0.3.0";
const [coreModule, component, instances, aliases, exports] = [1, 4, 5, 6, 11];
const instanceSort = 5;

let world: Promise<Uint8Array> | undefined;

/** A component with all that the world imports. */
function everything(): Promise<Uint8Array> {
  return (world ??= (async () => {
    const witSource = await readFile(join(import.meta.dirname, "world.wit"), "utf8");
    const dummy = await componentEmbed({ dummy: true, witSource, worldName: "w" });
    return Uint8Array.from(await componentNew(dummy, []));
  })());
}

/** One component of several: each has the next one as its next stage, the last one is the service. */
export async function composeChain(...parts: Uint8Array[]): Promise<Uint8Array> {
  const whole = await everything();
  const names = importsOf(whole);
  const out = new Writer().raw(upToModules(whole));
  for (const part of parts) add(out, component, new Writer().raw(part));
  let next: number | undefined;
  let made = names.length;
  for (let i = parts.length - 1; i >= 0; i--) {
    const content = new Writer().u32(1).u8(0).u32(i);
    const wanted = importsOf(parts[i]!);
    content.u32(wanted.length);
    for (const name of wanted) {
      const given = name === handler && next !== undefined ? next : names.indexOf(name);
      content.name(name).u8(instanceSort).u32(given);
    }
    add(out, instances, content);
    add(out, aliases, new Writer().u32(1).u8(instanceSort).u8(0).u32(made).name(handler));
    next = made + 1;
    made += 2;
  }
  add(out, exports, new Writer().u32(1).u8(0).name(handler).u8(instanceSort).u32(next!).u8(0));
  return out.view();
}

function add(out: Writer, id: number, content: Writer): void {
  out.u8(id).u32(content.length).raw(content.view());
}

function importsOf(bytes: Uint8Array): string[] {
  return decodeComponent(bytes).definitions.flatMap((each) => (each.kind === "import" ? [each.name] : []));
}

/** Its types and imports, which toolchains put before all modules. */
function upToModules(bytes: Uint8Array): Uint8Array {
  let at = 8;
  while (bytes[at] !== coreModule) {
    let [size, shift, next] = [0, 0, at + 1];
    do {
      size |= (bytes[next]! & 127) << shift;
      shift += 7;
    } while (bytes[next++]! > 127);
    at = next + size;
  }
  return bytes.subarray(0, at);
}
