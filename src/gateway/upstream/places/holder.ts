import { clientOf } from "../../../foundation/network/index.ts";
import type { BandstandError } from "../../../foundation/errors/index.ts";

/** For whom a request goes to a backend. */
export interface Holder {
  /** Of the client. */
  readonly remoteAddress: string;
  /** The client's connection, which may carry more than one request; undefined: nobody's. */
  readonly connection?: object | undefined;
  /** Ends the client's exchange, also where its answer is on the way. */
  stop?(reason: BandstandError): void;
}

/** A place at a backend: what it carries, and for whom. All times are `performance.now()`. */
export interface Place {
  readonly holder: Holder | undefined;
  /** Since when only the client holds it up: it takes no more of the answer, or sends no more of its request. */
  stalledSince(now: number): number | undefined;
  /** When its answer's head came; undefined: not yet. */
  readonly answeredAt: number | undefined;
  /** Gives it back at once. */
  abort(reason: BandstandError): void;
}

/** Who counts as one client; all that comes from nobody's address together. */
export function clientIn(holder: Holder | undefined): string {
  return holder === undefined ? "" : clientOf(holder.remoteAddress);
}
