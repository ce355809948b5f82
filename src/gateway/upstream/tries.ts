import { performance } from "node:perf_hooks";
import type { BandstandError } from "../../foundation/errors/index.ts";
import type { Target } from "./targets.ts";

/** A connection that broke may have been the request's doing: so many endpoints at most see one that all break at. */
const mostResets = 3;
/** Milliseconds after the first failure in which more than one other endpoint is tried. */
const mostTime = 5000;

/** Where one request was sent, and whether it may go to another endpoint. */
export class Tries {
  readonly targets: Target[];
  readonly #began = performance.now();
  #resets = 0;

  constructor(first: Target) {
    this.targets = [first];
  }

  /** Only one was tried. */
  get isFirst(): boolean {
    return this.targets.length === 1;
  }

  get last(): Target {
    return this.targets.at(-1)!;
  }

  next(target: Target): void {
    this.targets.push(target);
  }

  /**
   * It failed at the last one. Nothing was sent where no connection was had; where one broke, only what may be done twice is (RFC 9110, section
   * 9.2.2).
   */
  mayGoOn(code: BandstandError["code"] | undefined, isRepeatable: boolean): boolean {
    if (code === "backend-reset") {
      if (!isRepeatable || ++this.#resets >= mostResets) return false;
    } else if (code !== "backend-unreachable") return false;
    return this.isFirst || performance.now() - this.#began < mostTime;
  }
}
