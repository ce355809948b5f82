import type { BandstandError } from "../../../foundation/errors/index.ts";
import type { RequestContext } from "../../../foundation/http/index.ts";

/** The context that goes along what a guest sends onwards: it ends when the guest's own request does. */
export class OnwardContext implements RequestContext {
  readonly #outer: RequestContext;
  readonly #listeners: ((reason: BandstandError) => void)[] = [];
  #reason: BandstandError | undefined;

  constructor(outer: RequestContext) {
    this.#outer = outer;
  }

  get id(): string {
    return this.#outer.id;
  }

  get remoteAddress(): string {
    return this.#outer.remoteAddress;
  }

  onAbort(listener: (reason: BandstandError) => void): void {
    if (this.#reason === undefined) this.#listeners.push(listener);
    else listener(this.#reason);
  }

  /** The first reason stays. */
  abort(reason: BandstandError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const listener of this.#listeners.splice(0)) listener(reason);
  }
}
