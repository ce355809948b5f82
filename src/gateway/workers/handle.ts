import { Worker } from "node:worker_threads";
import { BandstandError, errorOf } from "../../foundation/errors/index.ts";
import type { EndpointTable } from "../../model/plan/index.ts";
import { Patience, threadTimeOf } from "./thread-time.ts";
import type { CallName, Calls, FromWorker, ToWorker, WorkerSettings } from "./protocol.ts";

/** What a worker says by itself. */
export type Unasked = Extract<FromWorker, { type: "log" | "access" | "loaded" }>;

/** What a handle tells the pool. */
export interface WorkerEvents {
  message(message: Unasked): void;
  /** The thread ended, wanted or not. */
  ended(handle: WorkerHandle, error: Error | undefined): void;
}

/** A call was not answered, since the thread ended. */
export class WorkerEnded extends BandstandError {
  constructor(id: number, cause?: unknown) {
    super("internal", `gateway worker ${id} ended`, { cause });
  }
}

interface Pending {
  resolve(result: never): void;
  reject(error: BandstandError): void;
}

/** One worker thread as the main thread holds it: calls and their answers. */
export class WorkerHandle {
  readonly id: number;
  /** It serves the current configuration. */
  ready = false;
  /** It answered once. */
  online = false;
  /** Heartbeats that were not answered since the last one that was. */
  missed = 0;
  readonly startedAt = performance.now();
  readonly #worker: Worker;
  readonly #patience: Patience;
  readonly #pending = new Map<number, Pending>();
  #nextCall = 1;
  #ended = false;

  /** @param enough milliseconds of CPU time without an answer after which it is its own fault. */
  constructor(settings: WorkerSettings, events: WorkerEvents, enough: number) {
    this.id = settings.id;
    const name = `gateway-${settings.id}`;
    this.#patience = new Patience(threadTimeOf(name), enough);
    // The compiled package has `worker.js` in the same place.
    const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: settings,
      name,
      // Neither the options of the main program nor a test runner's hooks belong to a gateway thread.
      execArgv: [],
    });
    let failure: Error | undefined;
    this.#worker.on("message", (message: FromWorker) => this.#receive(message, events));
    this.#worker.on("error", (error: Error) => (failure = error));
    this.#worker.on("exit", () => {
      this.#ended = true;
      this.ready = false;
      const ended = new WorkerEnded(this.id, failure);
      for (const { reject } of this.#pending.values()) reject(ended);
      this.#pending.clear();
      events.ended(this, failure);
    });
  }

  /** Rejects with the worker's error, or `internal` where the thread ended. */
  call<N extends CallName>(name: N, parameters: Calls[N]["parameters"]): Promise<Calls[N]["result"]> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(new WorkerEnded(this.id));
      const id = this.#nextCall++;
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#worker.postMessage({ type: "call", id, name, parameters } as ToWorker);
    });
  }

  /** A heartbeat came back. */
  answered(): void {
    this.online = true;
    this.missed = 0;
    this.#patience.answered();
  }

  /** It does not answer, since it is not given the time to. */
  isStarved(): boolean {
    return this.#patience.isStarved();
  }

  sendEndpoints(table: EndpointTable): void {
    this.#worker.postMessage({ type: "endpoints", table } satisfies ToWorker);
  }

  sendTicketKeys(keys: Uint8Array): void {
    this.#worker.postMessage({ type: "ticketKeys", keys } satisfies ToWorker);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: FromWorker, events: WorkerEvents): void {
    if (message.type !== "result" && message.type !== "failure") return events.message(message);
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === "result") pending?.resolve(message.result as never);
    else pending?.reject(errorOf(message.failure));
  }
}
