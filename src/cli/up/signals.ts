import type { StopRequest } from "../../node/admin/index.ts";
import { stopSignals } from "../program/stop-signals.ts";

/** Waits for somebody who wants the site to stop: a signal, or the admin socket. */
export class StopWish {
  /** The first wish. */
  readonly wished: Promise<StopRequest>;
  /** A second signal: the user does not want to wait. */
  readonly urgent: Promise<void>;
  readonly #signal = new AbortController();
  #wish: (request: StopRequest) => void = () => {};
  #hurry: () => void = () => {};
  readonly #onSignal = (): void => {
    if (this.#signal.signal.aborted) this.#hurry();
    else this.wish({ containers: "remove", volumes: false });
  };

  constructor() {
    this.wished = new Promise((resolve) => (this.#wish = resolve));
    this.urgent = new Promise((resolve) => (this.#hurry = resolve));
    for (const name of stopSignals) process.on(name, this.#onSignal);
  }

  /** Aborted once somebody wants a stop. */
  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  wish(request: StopRequest): void {
    this.#wish(request);
    this.#signal.abort();
  }

  close(): void {
    for (const name of stopSignals) process.off(name, this.#onSignal);
  }
}
