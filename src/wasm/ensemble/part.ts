import { Guest } from "../host/guest.ts";
import { hostLimits } from "../host/limits.ts";
import type { Ensemble } from "./ensemble.ts";
import { PartHandles } from "./handles.ts";
import type { PartTask } from "./task.ts";

/** What all components of one have in common, since they are one guest to the host. */
const common = [
  "meter",
  "onEnd",
  "stdout",
  "stderr",
  "command",
  "insecureSeed",
  "directories",
  "network",
  "hasten",
  "heldUp",
  "nested",
  "entry",
  "startsInTurns",
  "mustRestart",
  "wasSlow",
  "exchange",
  "failure",
  "pausing",
] as const;

/** One component of several, as its host functions see it: with handles and tasks of its own. */
export class Part extends Guest {
  /** Its number in the composition. */
  readonly owner: number;
  readonly ensemble: Ensemble;
  declare readonly handles: PartHandles;
  /** The task that keeps others out: those that wait by returning run one at a time, as do plain ones. */
  exclusive: PartTask | undefined;
  /** Calls that wait to be let in. */
  entering = 0;
  /** Its calls that are not over. */
  underWay = 0;
  readonly #whole: Guest;

  constructor(ensemble: Ensemble, whole: Guest, owner: number) {
    super(whole.component);
    this.ensemble = ensemble;
    this.owner = owner;
    this.#whole = whole;
    (this as { handles: PartHandles }).handles = new PartHandles(
      this,
      whole.component.plan.limits.resources,
      ensemble.families,
    );
    for (const name of common) {
      const shared = { get: () => whole[name], set: (value: unknown) => Reflect.set(whole, name, value) };
      Object.defineProperty(this, name, shared);
    }
  }

  /** Throws where it must not call out: below `realloc` and post-return. */
  checkMayLeave(what: string): void {
    if (this.nested > 0) throw this.fail("component-trapped", `calls ${what} where it must not call out`);
    // It is being ended, and caught what it was told so by.
    if (this.failure !== undefined) throw this.failure;
  }

  /** One more call of it begins. */
  begins(): void {
    if (++this.underWay <= hostLimits.tasks) return;
    throw this.fail(
      "component-resources",
      `more than ${hostLimits.tasks} calls of a component are under way at a time`,
    );
  }

  override waitAsTask(attempt: () => boolean): undefined | Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (attempt()) return undefined;
    const task = this.tasks.current as PartTask | undefined;
    if (task !== undefined && !task.mayBlock) {
      throw this.fail("component-trapped", `${task.name} has to wait before it returns, and is a synchronous function`);
    }
    if (task === undefined || !this.mayPause) throw this.cannotWait();
    return task.block(attempt);
  }

  /** Interruption checks ask the whole guest how long it has been held. */
  override surfaced(): void {
    this.#whole.surfaced();
  }

  override keeps(bytes: number): void {
    this.#whole.keeps(bytes);
  }

  override once<T>(make: () => T): T {
    return this.#whole.once(make);
  }

  override get mayAct(): boolean {
    return this.#whole.mayAct;
  }

  override log(...line: Parameters<Guest["log"]>): boolean {
    return this.#whole.log(...line);
  }

  override notify(): void {
    super.notify();
    this.ensemble.poke();
  }

  override end(...reason: Parameters<Guest["end"]>): void {
    this.#whole.end(...reason);
  }

  /** The whole guest ended. */
  abandon(): void {
    this.abandonWait();
  }

  /** Nothing of what was under way goes on. */
  forget(): void {
    this.tasks.reset();
    this.exclusive = undefined;
    this.entering = 0;
    this.underWay = 0;
  }
}
