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

/**
 * What a guest gets that calls out below `realloc` or post-return, where the canonical ABI has its `may_leave` unset.
 * Every function of the host takes a handle, touches memory or asks for something `once`, and finds out there: a check of
 * its own before each of them would be one more call each.
 */
export function calledOut(guest: Trappable): BandstandError {
  return guest.fail("component-trapped", "calls out where it must not: it was asked for memory, or to give some back");
}

/** Who shares its thread with others, and must come to its checks in time. */
export interface Paced extends Trappable {
  /**
   * So many bytes were moved, or as much was done as moving them takes, on behalf of the guest. Its own checks count
   * its own work only: without this, a guest that lets the host work for it would hold up its neighbours.
   */
  worked(bytes: number): void;
  /** A call by a host function came back, the guest may pause again. */
  surfaced(): void;
}
