import { BandstandError } from "../../../foundation/errors/index.ts";
import type { RequestContext } from "../../../foundation/http/index.ts";
import type { Share } from "../../../foundation/time/shares.ts";

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

  get broken(): BandstandError | undefined {
    return this.#outer.broken;
  }

  broke(error: BandstandError): void {
    this.#outer.broke?.(error);
  }

  get share(): Share | undefined {
    return this.#outer.share;
  }

  onAbort(listener: (reason: BandstandError) => void): void {
    if (this.#reason !== undefined) listener(this.#reason);
    else if (this.#listeners === undefined) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  /** The first reason stays. What its guest did wrong is no failure of who is asked: to them, who asked is gone. */
  abort(cause: BandstandError): void {
    if (this.#reason !== undefined) return;
    const reason = cause.code.startsWith("component-") ? askerFailed(cause) : cause;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) listener(reason);
  }
}

function askerFailed(cause: BandstandError): BandstandError {
  return new BandstandError("client-gone", `the component that asked failed: ${cause.message}`, { cause });
}
