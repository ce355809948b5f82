import { messageOf } from "../../foundation/errors/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import type { ContainersPlan, SecretValues } from "../../model/plan/index.ts";
import type { EngineState } from "../engine.ts";
import type { check } from "../probes/check.ts";
import { delayAfter } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { decide, isExclusive } from "./decide.ts";
import type { Action, PodView, SlotView } from "./decide.ts";
import type { PodDriver } from "./driver.ts";
import { containerMemory } from "./memory.ts";
import type { PodMemory } from "./memory.ts";
import { observePods } from "./observe.ts";
import { newSlotMemory, perform } from "./perform.ts";
import type { SlotMemory } from "./perform.ts";
import { slotsOf } from "./spec.ts";
import { isReady, stateOf } from "./state.ts";

export interface ReconcilerParts {
  driver: PodDriver;
  logger: Logger;
  clock: Clock;
  check: typeof check;
  /** Milliseconds that a pod goes on after it was taken out of the endpoints, so that nobody still calls it. */
  drain: number;
  /** Milliseconds after which the list is read again though nothing was heard. */
  resync: number;
  /** Namespaces whose pods may leave the baseline, as the operator said. */
  allowPrivileged: readonly string[];
}

export interface Desired {
  plan: ContainersPlan;
  secrets: SecretValues;
  /** Why an image could not be built, by image. */
  unbuilt: ReadonlyMap<string, string>;
}

/**
 * Makes what exists what is wanted, again and again: look, decide, act, until nothing is left to do; then on every
 * event, at every time that something is due, and every few seconds in case an event was lost.
 */
export class Reconciler {
  readonly parts: ReconcilerParts;
  readonly pods = new Map<string, PodMemory>();
  readonly slots = new Map<string, SlotMemory>();
  desired: Desired | undefined;
  readonly #changed: (state: EngineState) => void;
  #operations = new Set<{ action: Action; done: Promise<void> }>();
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #failures = 0;
  #cancelTimer: () => void = () => {};
  #waiting: { resolve: () => void }[] = [];

  constructor(parts: ReconcilerParts, changed: (state: EngineState) => void) {
    this.parts = parts;
    this.#changed = changed;
  }

  /** Reads what runs. Throws what the driver throws. */
  async adopt(): Promise<void> {
    observePods(await this.parts.driver.list(), this);
  }

  /** Takes over a desired state. Resolves when all of it was tried once. */
  async want(desired: Desired): Promise<void> {
    this.desired = desired;
    const before = new Map(this.slots);
    this.slots.clear();
    for (const slot of slotsOf(desired.plan, this.parts.driver.publishes)) {
      const { name } = slot.plan;
      const old = before.get(name);
      // Applied again is a new chance for what failed.
      const memory = old?.slot.hash === slot.hash ? old : newSlotMemory(slot, old?.busy);
      this.slots.set(name, Object.assign(memory, { slot, notBefore: 0 }));
    }
    for (const pod of this.pods.values()) this.#renewPlan(pod);
    await this.settled();
  }

  /** Resolves after the next time that nothing is left to start or to replace at once. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ resolve });
      this.kick();
    });
  }

  state(): EngineState {
    const empty: ContainersPlan = { site: "", pods: [], volumes: [], services: [], builds: [] };
    const slots = [...this.slots.values()];
    return stateOf(this.desired?.plan ?? empty, slots, [...this.pods.values()], this.parts.clock.now());
  }

  /** Looks again soon. */
  kick(): void {
    if (this.#stopped) return this.#release();
    this.#again = true;
    this.#running ??= this.#loop().finally(() => {
      this.#running = undefined;
      // Asked again after the last look, before this.
      if (this.#again) this.kick();
    });
  }

  /** Ends the loop and all probes; operations under way go on by themselves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.stopProbes();
    await this.#running;
    this.#release();
  }

  /** Operations under way. */
  pending(): Promise<void>[] {
    return [...this.#operations].map(({ done }) => done);
  }

  notify(): void {
    this.#changed(this.state());
  }

  stopProbes(): void {
    for (const pod of this.pods.values()) {
      for (const memory of pod.containers.values()) memory.prober?.prober.stop();
    }
  }

  async #loop(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      this.#cancelTimer();
      const wait = await this.#pass();
      if (!this.#stopped) this.#cancelTimer = this.parts.clock.after(wait, () => this.kick());
    }
  }

  /** One look and what follows from it. Returns milliseconds until the next. */
  async #pass(): Promise<number> {
    const { driver, clock, logger, resync } = this.parts;
    try {
      observePods(await driver.list(), this);
      this.#failures = 0;
    } catch (error) {
      if (this.#stopped) return 0;
      this.#failures++;
      logger.warn("cannot see what runs", { error: messageOf(error) });
      if (this.#failures > 1) this.#release();
      return delayAfter(this.#failures);
    }
    if (this.desired === undefined || this.#stopped) return resync;
    for (const pod of this.pods.values()) this.#renewPlan(pod);
    const { actions, wake } = decide(this.#slotViews(), this.#podViews(), clock.now());
    for (const action of actions) this.#launch(action);
    this.notify();
    if (![...this.#operations].some(({ action }) => holdsUp(action))) this.#release();
    return Math.max(10, Math.min(resync, (wake ?? Number.POSITIVE_INFINITY) - clock.now()));
  }

  #launch(action: Action): void {
    const operation = { action, done: Promise.resolve() };
    this.#operations.add(operation);
    operation.done = perform(action, this).finally(() => {
      this.#operations.delete(operation);
      this.kick();
    });
  }

  /** A pod of the wanted hash is one of the wanted plan, also where labels or probes of Services differ. */
  #renewPlan(pod: PodMemory): void {
    const slot = this.slots.get(pod.observed.slot)?.slot;
    if (slot && slot.hash === pod.observed.hash) pod.plan = slot.plan;
  }

  #slotViews(): SlotView[] {
    return [...this.slots.values()].map(({ slot, ...memory }) => ({ ...slot, ...memory }));
  }

  #podViews(): PodView[] {
    return [...this.pods.values()].map((pod) => ({
      pod: pod.observed,
      plan: pod.plan,
      ready: isReady(pod),
      busy: pod.busy > 0,
      leaving: pod.leaving,
      redirectNotBefore: pod.redirecting.until,
      notBefore: (name) => containerMemory(pod, name).backoff.until,
    }));
  }

  #release(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }
}

/** Removals do not hold up `apply`, unless something has to take the place. */
function holdsUp(action: Action): boolean {
  if (action.do !== "remove") return action.do !== "stop";
  const { why, view } = action;
  return (
    why === "broken" || why === "retry" || (why === "changed" && view.plan !== undefined && isExclusive(view.plan))
  );
}
