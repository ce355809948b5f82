import type { RequestContext } from "../../../foundation/http/index.ts";

/** The context that goes along what a guest sends onwards: it ends when the guest's own request does. */
export class OnwardContext implements RequestContext {
  readonly #outer: RequestContext;
  #controller: AbortController | undefined;
  #listeners: ((reason: never) => void)[] = [];
  #reason: unknown;

  constructor(outer: RequestContext) {
    this.#outer = outer;
  }

  get id(): string {
    return this.#outer.id;
  }

  get remoteAddress(): string {
    return this.#outer.remoteAddress;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  onAbort(listener: (reason: never) => void): void {
    if (this.#reason === undefined) this.#listeners.push(listener);
    else listener(this.#reason as never);
  }

  /** The first reason stays. */
  abort(reason: unknown): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const listener of this.#listeners.splice(0)) listener(reason as never);
  }
}
