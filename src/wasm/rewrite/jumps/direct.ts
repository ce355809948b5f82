import { BandstandError } from "../../../foundation/errors/index.ts";
import type { Body, CoreModule } from "../../binary/index.ts";
import { decodeModule, encodeModule, section, Writer } from "../../binary/index.ts";
import { dispatchOf } from "./dispatch.ts";
import { regionsOf } from "./regions.ts";
import { StraightWriter } from "./write.ts";

/**
 * The module with jumps that go where they lead, where a function does them by a number and a table that all of them share. Go
 * compiles functions so: what it makes of a loop is a fraction of one great loop, in which the engine finds none of its own, and
 * counts and marks would take all of the function for a round. The same module where no function does; nothing but code changes.
 */
export function withDirectJumps(module: CoreModule): CoreModule {
  const changed = new Map<Body, Uint8Array>();
  for (const body of module.bodies) {
    const code = straightened(module, body);
    if (code !== undefined) changed.set(body, code);
  }
  if (changed.size === 0) return module;
  const old = module.sections.find(({ id }) => id === section.code)!;
  const out = new Writer(old.end - old.start + 65_536).u32(module.bodies.length);
  for (const body of module.bodies) {
    const code = changed.get(body) ?? module.bytes.subarray(body.start, body.end);
    out.u32(code.length).raw(code);
  }
  return decodeModule(encodeModule(module, { replace: new Map([[old, out.view()]]), insert: [] }));
}

function straightened(module: CoreModule, body: Body): Uint8Array | undefined {
  try {
    const dispatch = dispatchOf(module, body);
    const regions = dispatch && regionsOf(dispatch);
    return regions && new StraightWriter(module, body, dispatch, regions).write(body);
  } catch (error) {
    // Who reads all of it says what is wrong.
    if (error instanceof BandstandError) return undefined;
    throw error;
  }
}
