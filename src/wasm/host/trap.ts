import type { BandstandError, ErrorCode } from "../../foundation/errors/index.ts";

/** Who can be ended for what it does wrong. */
export interface Trappable {
  /** Calls of the guest by host functions that are under way: it cannot pause below them. */
  nested: number;
  /**
   * Marks the guest as failed and answers the error to throw. The mark matters: what a host function throws,
   * a guest's `catch_all` can swallow; the next interruption check then ends it for good.
   */
  fail(code: ErrorCode, message: string): BandstandError;
}
