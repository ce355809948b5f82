import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildComponent } from "../../src/toolchains/index.ts";
import { buildService } from "../guests/wasi3/build.ts";

const guests = join(import.meta.dirname, "../guests");
/** Guests of WASI 0.3: one file each. */
const wasi3 = "wasi3/";
const built = new Map<string, Promise<string>>();

/**
 * The file of a guest's component: a folder of `tests/guests`, or `wasi3/NAME`. Made once, so that all who serve it serve the same bytes.
 * @param folder of this run.
 */
export function componentFile(folder: string, guest: string): Promise<string> {
  let found = built.get(guest);
  if (found === undefined) built.set(guest, (found = build(folder, guest)));
  return found;
}

async function build(folder: string, guest: string): Promise<string> {
  const home = join(folder, "components");
  await mkdir(home, { recursive: true });
  const bytes = guest.startsWith(wasi3)
    ? await buildService(guest.slice(wasi3.length))
    : (await buildComponent(join(guests, guest), { cache: join(folder, "built") })).bytes;
  const file = join(home, `${guest.replace(/[^a-z0-9-]+/g, "-")}.wasm`);
  await writeFile(file, bytes);
  return file;
}
