import { BandstandError, type ErrorCode } from "../../foundation/errors/index.ts";
import { Crossings, type CrossingGuest } from "../crossing/index.ts";
import { Handles } from "../host/handles.ts";
import type { Compiled, InstanceImports } from "../link/index.ts";

/** The guest of a composed component, without a host around it. */
export class TestGuest implements CrossingGuest {
  nested = 0;
  readonly worked = (): void => {};
  readonly surfaced = (): void => {};
  failure: BandstandError | undefined;
  mayPause = false;
  heldUp = false;
  readonly handles = new Handles(this);

  fail(code: ErrorCode, message: string): BandstandError {
    this.failure ??= new BandstandError(code, message);
    return this.failure;
  }
}

/** What a place needs of a composed component. */
export function crossingsOf(
  { manifest }: Compiled,
  guest = new TestGuest(),
  mayWait = false,
): Pick<InstanceImports, "cross"> {
  const { composition } = manifest;
  if (composition === undefined) return {};
  const crossings = new Crossings(guest, composition, ({ resource }) => resource, mayWait);
  return { cross: (...each) => crossings.bind(...each) };
}
