import type { BandstandError } from "../../../foundation/errors/index.ts";
import type { RequestContext } from "../../../foundation/http/index.ts";

/** The context that goes along what a guest sends onwards: it ends when the guest's own request does. */
export class OnwardContext implements RequestContext {
  readonly #outer: RequestContext;
  #listeners: ((reason: BandstandError) => void)[] | undefined;
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
    if (this.#reason !== undefined) listener(this.#reason);
    else if (this.#listeners === undefined) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  /** The first reason stays. */
  abort(reason: BandstandError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) listener(reason);
  }
}
