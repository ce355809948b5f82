import { randomBytes } from "node:crypto";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { Fields } from "../../foundation/log/index.ts";
import { prometheusText } from "../../foundation/metrics/index.ts";
import type { EndpointTable, GatewayPlan, SecretValues } from "../../model/plan/index.ts";
import { giveBack } from "../access-log/places.ts";
import type { Loaded } from "../configuration/components.ts";
import type { Gateway, GatewayState } from "../gateway.ts";
import { processMetrics } from "../metrics/process.ts";
import { WorkerEnded, WorkerHandle, type Unasked } from "./handle.ts";
import type { GatewayOptions } from "./options.ts";
import { Ports } from "./ports.ts";
import type { WorkerSettings } from "./protocol.ts";

/** Heartbeats without an answer after which a thread counts as stuck. */
const patience = 8;
const slowestRestart = 10_000;
/** The slowest where no other worker serves. Milliseconds. */
const lastRestart = 500;
/** For which tickets of TLS sessions are sealed with the same keys. Milliseconds. */
const ticketRotation = 12 * 3_600_000;
/** Times that a plan is opened anew, since another process took a port in the same moment. */
const moreTries = 5;
/** A worker that lived so long starts its back-off anew. Milliseconds. */
const stable = 60_000;

interface Applied {
  plan: GatewayPlan;
  secrets: SecretValues;
}

/** The gateway's workers, driven from the main thread. */
export class WorkerPool implements Gateway {
  readonly #options: GatewayOptions;
  readonly #settings: Omit<WorkerSettings, "id" | "ticketKeys">;
  readonly #workers: (WorkerHandle | undefined)[] = [];
  readonly #restarts: number[] = [];
  readonly #backoff: number[] = [];
  readonly #ports: Ports;
  /** What was told once under this plan. */
  readonly #told = new Set<string>();
  #applied: Applied | undefined;
  /** Components that each worker has of the plan that is built. */
  #done: number[] = [];
  #endpoints: EndpointTable = {};
  /** One change at a time: applying a plan, replacing a worker. */
  #turn: Promise<unknown> = Promise.resolve();
  #heart: NodeJS.Timeout | undefined;
  readonly #tickets: NodeJS.Timeout;
  /** Never on disk, so that who finds the folder of a site reads no sessions of before. */
  #ticketKeys = newTicketKeys();
  #closed = false;
  #draining = false;

  constructor(options: GatewayOptions, settings: Omit<WorkerSettings, "id" | "ticketKeys">) {
    this.#options = options;
    this.#settings = settings;
    this.#ports = new Ports(options.sharesPorts);
    this.#tickets = setInterval(() => this.#rotateTickets(), ticketRotation).unref();
  }

  /** Starts the workers before there is a plan. */
  start(): void {
    this.#all();
  }

  apply(plan: GatewayPlan, secrets: SecretValues): Promise<void> {
    return this.#inTurn(async () => {
      const { workers, plan: resolved } = await this.#opened(plan, secrets);
      this.#applied = { plan: resolved, secrets };
      this.#told.clear();
      // One that dies here is replaced, with this plan.
      await Promise.allSettled(workers.map((worker) => this.#activate(worker)));
    });
  }

  updateEndpoints(table: EndpointTable): void {
    this.#endpoints = table;
    for (const worker of this.#live()) worker.sendEndpoints(table);
  }

  state(): GatewayState {
    const plan = this.#applied?.plan;
    const ready = !this.#draining && this.#live().some((worker) => worker.ready);
    return {
      listeners: (plan?.listeners ?? []).map(({ id, address, port, protocol }) => ({
        id,
        address,
        port,
        protocol,
        ready,
      })),
      components: (plan?.components ?? []).map(({ id, digest }) => ({ id, digest, state: "ready" as const })),
      workers: this.#workers.map((worker, id) => ({
        id,
        ready: worker?.ready ?? false,
        restarts: this.#restarts[id] ?? 0,
      })),
    };
  }

  async metrics(): Promise<string> {
    const answers = await Promise.allSettled(this.#live().map((worker) => worker.call("metrics", undefined)));
    const threads = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    const restarts = this.#restarts.reduce((sum, count) => sum + (count ?? 0), 0);
    const ready = this.#live().filter((worker) => worker.ready).length;
    return prometheusText([...threads, processMetrics(ready, restarts)]);
  }

  async drain(milliseconds: number): Promise<void> {
    this.#draining = true;
    await Promise.allSettled(this.#live().map((worker) => worker.call("drain", { milliseconds })));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#heart);
    clearInterval(this.#tickets);
    await Promise.all(this.#live().map((worker) => worker.end()));
  }

  /** Workers that have built a plan and opened its ports. Where one was lost to another process it is tried again: picked ones are others then. */
  async #opened(plan: GatewayPlan, secrets: SecretValues): Promise<{ workers: WorkerHandle[]; plan: GatewayPlan }> {
    for (let left = moreTries; ; left--) {
      this.#throwIfStopping();
      const resolved = await this.#ports.resolve(plan);
      let workers: WorkerHandle[] = [];
      try {
        this.#throwIfStopping();
        workers = this.#all();
        await this.#buildAndOpen(workers, { plan: resolved, secrets });
        await this.#ports.opened(resolved);
        return { workers, plan: resolved };
      } catch (error) {
        const again = await this.#ports.release();
        if (again && left > 0 && error instanceof BandstandError && error.code === "port-in-use") continue;
        await this.#catchUp(workers);
        throw error;
      }
    }
  }

  #throwIfStopping(): void {
    if (this.#closed || this.#draining) throw new BandstandError("draining", "the gateway is stopping");
  }

  /** Every worker; those that are not there yet, or not again, are started. */
  #all(): WorkerHandle[] {
    if (this.#heart === undefined) {
      this.#heart = setInterval(() => this.#beat(), this.#options.heartbeat);
      this.#heart.unref();
    }
    return Array.from({ length: this.#options.workers }, (_, id) => this.#workers[id] ?? this.#spawn(id));
  }

  /** A worker that was started for a plan that failed gets the one that serves. */
  async #catchUp(workers: WorkerHandle[]): Promise<void> {
    const applied = this.#applied;
    if (applied === undefined) return;
    const behind = workers.filter((worker) => !worker.ready && this.#workers[worker.id] === worker);
    await Promise.allSettled(behind.map((worker) => this.#serve(worker, applied)));
  }

  async #serve(worker: WorkerHandle, applied: Applied): Promise<void> {
    try {
      await this.#buildAndOpen([worker], applied);
      await this.#activate(worker);
    } catch (error) {
      this.#options.logger.error("a new gateway worker did not start", { worker: worker.id, error: messageOf(error) });
      await worker.end();
    }
  }

  #spawn(id: number): WorkerHandle {
    const worker = new WorkerHandle(
      { ...this.#settings, id, ticketKeys: this.#ticketKeys },
      {
        message: (message) => this.#receive(message, id),
        ended: (handle, error) => this.#ended(handle, error),
      },
      (this.#options.heartbeat * patience) / 4,
    );
    worker.sendEndpoints(this.#endpoints);
    this.#workers[id] = worker;
    return worker;
  }

  /** On all workers or on none. One that ends meanwhile is no reason against the plan: who replaces it gets it too. */
  async #buildAndOpen(workers: WorkerHandle[], { plan, secrets }: Applied): Promise<void> {
    this.#done = [];
    try {
      await this.#onAll(workers, (worker) => worker.call("build", { plan, secrets }));
      await this.#ports.makeWay();
      await this.#onAll(workers, (worker) => worker.call("open", undefined));
      await this.#ports.confirm(plan);
    } catch (error) {
      await Promise.allSettled(workers.map((worker) => worker.call("discard", undefined)));
      throw error;
    }
  }

  /**
   * Waits for all, then throws the first failure: none is left working. That some ended is none, as long as there are
   * others.
   */
  async #onAll(workers: WorkerHandle[], act: (worker: WorkerHandle) => Promise<void>): Promise<void> {
    const there = (worker: WorkerHandle): boolean => this.#workers[worker.id] === worker;
    const results = await Promise.allSettled(workers.filter(there).map(act));
    const reasons = results.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
    const refusal = reasons.find((reason) => !(reason instanceof WorkerEnded));
    if (refusal !== undefined) throw refusal;
    if (reasons.length > 0 && !workers.some(there)) throw reasons[0];
  }

  async #activate(worker: WorkerHandle): Promise<void> {
    await worker.call("activate", undefined);
    worker.ready = true;
  }

  #receive(message: Unasked, worker: number): void {
    if (message.type === "loaded") return this.#loaded(message, worker);
    if (message.type === "access") {
      const { lines } = message;
      return this.#options.writeAccess(lines, () => giveBack(lines));
    }
    const { level, message: text, fields, once } = message.line;
    if (once && !this.#isNews(text, fields)) return;
    this.#options.logger.log(level, text, fields);
  }

  /** The slowest says how far all of them are. */
  #loaded({ component, done, of }: Loaded, worker: number): void {
    this.#done[worker] = done;
    if (this.#workers.every((_, id) => (this.#done[id] ?? 0) >= done)) this.#options.onLoaded?.(component, done, of);
  }

  /** Each thread bounds what it tells once; the same of another thread, or of the one that replaced it, is no news. */
  #isNews(text: string, fields: Fields): boolean {
    const told = JSON.stringify([text, fields]);
    if (this.#told.has(told)) return false;
    this.#told.add(told);
    return true;
  }

  #ended(worker: WorkerHandle, error: Error | undefined): void {
    if (this.#workers[worker.id] === worker) this.#workers[worker.id] = undefined;
    if (this.#closed || this.#draining) return;
    const { id } = worker;
    const restarts = (this.#restarts[id] ?? 0) + 1;
    this.#restarts[id] = restarts;
    const lived = performance.now() - worker.startedAt;
    const calm = lived > stable ? 0 : (this.#backoff[id] ?? 0);
    // As long as another one serves, there is time; where none does, nobody is served until one is there.
    const pause = this.#live().some((other) => other.ready) ? calm : Math.min(calm, lastRestart);
    this.#backoff[id] = Math.min(slowestRestart, Math.max(100, calm * 2));
    const fields = { worker: id, restarts, pause, ...(error && { error: messageOf(error) }) };
    this.#options.logger.error("a gateway worker ended and is replaced", fields);
    setTimeout(() => void this.#inTurn(() => this.#replace(id)), pause);
  }

  async #replace(id: number): Promise<void> {
    if (this.#closed || this.#draining || this.#workers[id] !== undefined) return;
    // Without a plan the first `apply` failed; the next one starts what is missing.
    if (this.#applied !== undefined) await this.#serve(this.#spawn(id), this.#applied);
  }

  /**
   * The last resort against a thread that does not turn. Counted in heartbeats and not in time: where the main
   * thread itself stood still, it must not take that for a worker's fault; nor where other processes keep it from turning.
   */
  #beat(): void {
    for (const worker of this.#live()) {
      if (worker.missed >= patience && worker.isStarved()) worker.missed = patience / 2;
      if (worker.missed >= patience) {
        this.#options.logger.error("a gateway worker does not answer and is ended", { worker: worker.id });
        void worker.end();
        continue;
      }
      // One that still loads its code cannot answer.
      if (worker.online) worker.missed++;
      worker.call("ping", undefined).then(
        () => worker.answered(),
        () => {},
      );
    }
  }

  /** Who has a ticket of before makes a full handshake once: tickets are good for five minutes anyway. */
  #rotateTickets(): void {
    this.#ticketKeys = newTicketKeys();
    for (const worker of this.#live()) worker.sendTicketKeys(this.#ticketKeys);
  }

  #live(): WorkerHandle[] {
    return this.#workers.filter((worker) => worker !== undefined);
  }

  async #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const mine = (async () => {
      await before.catch(() => {});
      return act();
    })();
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

/** A name, and two keys. */
function newTicketKeys(): Uint8Array {
  return new Uint8Array(randomBytes(48));
}
