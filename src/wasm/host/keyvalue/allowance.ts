import type { Guest } from "../guest.ts";
import { hostLimits } from "../limits.ts";

/** What one call may move: the same bytes may stand in a list again and again, and nobody else has a turn meanwhile. */
export class Allowance {
  readonly #guest: Guest;
  #bytes = 0;

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** So many bytes more; false: they are too many. */
  fits(bytes: number): boolean {
    return (this.#bytes += bytes) <= hostLimits.batchBytes;
  }

  /** The same; ends the guest where they are too many. */
  take(bytes: number): void {
    if (this.fits(bytes)) return;
    const message = `more than ${hostLimits.batchBytes} bytes of keys and values in one call`;
    throw this.#guest.fail("component-resources", message);
  }
}
