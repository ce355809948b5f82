import { BandstandError } from "../../foundation/errors/index.ts";
import type { AdminCallbacks } from "../../gateway/admin/index.ts";
import type { StopRequest } from "./callbacks.ts";
import { stopRequest } from "./callbacks.ts";

/** What the admin socket answers while the folder is read and its programs are built: only a stop is possible. */
export function startingCallbacks(stop: (request: StopRequest) => void): AdminCallbacks {
  const starting = (): never => {
    throw new BandstandError("not-running", "the site is starting: its folder is read, its programs are built", {
      remedy: "Ask again in a moment; bandstand down ends it.",
    });
  };
  return {
    ready: () => false,
    metrics: starting,
    config: starting,
    status: starting,
    logs: starting,
    reload: starting,
    stop: (query) => stop(stopRequest(query)),
  };
}

/** Callbacks that may be replaced by others while the server runs. */
export class ChangingCallbacks implements AdminCallbacks {
  #current: AdminCallbacks;

  constructor(first: AdminCallbacks) {
    this.#current = first;
  }

  become(next: AdminCallbacks): void {
    this.#current = next;
  }

  ready(): boolean {
    return this.#current.ready();
  }

  async metrics(): Promise<string> {
    return this.#current.metrics();
  }

  config(): unknown {
    return this.#current.config();
  }

  status(): unknown {
    return this.#current.status();
  }

  logs(query: URLSearchParams, signal: AbortSignal): AsyncIterable<string> | undefined {
    return this.#current.logs(query, signal);
  }

  async reload(): Promise<unknown> {
    return this.#current.reload();
  }

  stop(query: URLSearchParams): void {
    this.#current.stop(query);
  }
}
