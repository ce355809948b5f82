import type { BandstandError } from "../../foundation/errors/index.ts";
import type { Entered } from "../async/index.ts";
import type { Guest } from "../host/guest.ts";
import type { Crew } from "./crew.ts";

/** A call that is under way, of a component or of one of several. */
export interface Working {
  readonly isOnStack: boolean;
  start(functions: Entered, ...args: number[]): void;
  cancel(): void;
  abandon(): void;
}

/** One of several calls of an instance. */
export interface Shared {
  /** Nobody waits for it any more, and it was asked to end long ago. */
  readonly isLingering: boolean;
  instanceEnds(): void;
  fell(): void;
}

export function lingers({ isLingering }: Shared): boolean {
  return isLingering;
}

/** Ends an instance where all calls of it linger: while another one is under way it goes on for that, and takes no further ones. */
export function endLingering(visits: Crew<Shared>, guest: Guest, reason: BandstandError): void {
  if (visits.size > 0 && !visits.some(({ isLingering }) => !isLingering)) guest.end(reason);
}
