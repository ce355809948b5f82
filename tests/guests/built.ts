import { buildComponent } from "../../src/toolchains/index.ts";

/** The component of a folder; built once a run of the tests, whichever file of them asks for it first. */
export async function builtGuest(folder: string): Promise<Uint8Array> {
  const cache = process.env["BANDSTAND_TESTS_BUILT"];
  return (await buildComponent(folder, cache === undefined ? {} : { cache })).bytes;
}
