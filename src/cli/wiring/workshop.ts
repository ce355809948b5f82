import { Worker } from "node:worker_threads";
import { BandstandError, errorOf, messageOf, type Failure } from "../../foundation/errors/index.ts";
import type { ResolvedComponent } from "../../gitops/plan/index.ts";
import type { Prepared } from "../../wasm/prepare/index.ts";

export interface Asked {
  bytes: Uint8Array;
  isolation: Prepared["isolation"];
}

export type Told = { done: ResolvedComponent } | { failed: Failure };

/** A thread that has had nothing to do for so long ends. Milliseconds. */
const patience = 2000;

/**
 * Threads that prepare large components, one each at a time: a second of one core for 13 MB, in which the main thread answers signals,
 * and others are prepared beside. As many as are asked at a time.
 */
export class Workshop {
  readonly #folder: string;
  readonly #idle: { thread: Worker; end: NodeJS.Timeout }[] = [];

  /** @param folder of the prepared store. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Prepares a component and keeps it. Throws what `prepare` throws, and `component-unsupported` where it takes too much memory. */
  async prepare(asked: Asked): Promise<ResolvedComponent> {
    const thread = this.#take();
    const told = await new Promise<Told>((resolve, reject) => {
      const failed = (cause: unknown): void => reject(unprepared(cause));
      thread.once("message", (message: Told) => {
        thread.off("error", failed);
        this.#leave(thread);
        resolve(message);
      });
      thread.once("error", failed);
      thread.postMessage(asked);
    });
    if ("done" in told) return told.done;
    throw errorOf(told.failed);
  }

  #take(): Worker {
    const found = this.#idle.pop();
    if (found === undefined) {
      const file = import.meta.url.endsWith(".ts") ? "./prepare-thread.ts" : "./prepare-thread.js";
      const workerData = { folder: this.#folder };
      return new Worker(new URL(file, import.meta.url), { workerData, name: "prepare", execArgv: [] });
    }
    clearTimeout(found.end);
    found.thread.ref();
    return found.thread;
  }

  /** A command that is done does not wait for it. */
  #leave(thread: Worker): void {
    thread.unref();
    const end = setTimeout(() => {
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      void thread.terminate();
    }, patience).unref();
    const idle = { thread, end };
    this.#idle.push(idle);
  }
}

function unprepared(cause: unknown): BandstandError {
  if ((cause as NodeJS.ErrnoException).code !== "ERR_WORKER_OUT_OF_MEMORY")
    return new BandstandError("internal", `a component was not prepared: ${messageOf(cause)}`, { cause });
  return new BandstandError("component-unsupported", "preparing it takes more memory than there is", {
    remedy: "Build it for release, or leave out what it embeds.",
    cause,
  });
}
