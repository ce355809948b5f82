import type { Entered, TaskOwner } from "../async/index.ts";
import type { GuestMemory } from "../host/memory.ts";
import type { Callee } from "./callee.ts";
import type { CoreValue } from "./stacks.ts";
import { PartTask, type Done, type Root } from "./task.ts";

/** A call that the host makes of a function that one of several components exports. */
export class HostTask {
  readonly #owner: TaskOwner;
  #task: PartTask | undefined;
  #isOver = false;
  /** It failed, and what waits on stacks comes to its end first. */
  #unwinding = false;

  constructor(owner: TaskOwner) {
    this.#owner = owner;
  }

  /** Something of it runs, or waits where only the host can let it go on. */
  get isOnStack(): boolean {
    return this.#unwinding || (this.#task !== undefined && this.#task.part.ensemble.current?.root === this.#root);
  }

  start({ callee }: Entered, ...args: CoreValue[]): void {
    const returned = (memory: GuestMemory | undefined, values: readonly CoreValue[]): void =>
      this.#owner.returned(memory!, values);
    const task = new PartTask(callee as Callee, { start: () => args, returned, cancelled() {} }, this.#root);
    this.#task = task;
    const { ensemble } = task.part;
    ensemble.add(this.#root);
    this.#watch(() => ensemble.begin(task, undefined));
  }

  cancel(): void {
    const task = this.#task;
    if (task !== undefined) this.#watch(() => task.requestCancellation(undefined));
  }

  /** Nothing of it goes on for its owner. */
  abandon(): void {
    this.#isOver = true;
    this.#task?.part.ensemble.remove(this.#root);
  }

  #watch(step: () => Done): void {
    let going: Done;
    try {
      going = step();
    } catch (error) {
      this.#root.ended({ error });
      return;
    }
    going?.catch((error: unknown) => this.#root.ended({ error }));
  }

  readonly #root: Root = {
    open: 0,
    entering: () => this.#owner.entering(),
    left: () => this.#owner.left(),
    returned() {},
    paused: () => {
      if (this.#isOver) return;
      if (this.#task!.part.failure !== undefined) return this.#root.ended({ error: this.#task!.part.failure });
      if (this.#root.open === 0) this.#root.ended(undefined);
      else this.#owner.paused();
    },
    ended: (thrown) => {
      if (this.#isOver) return;
      this.abandon();
      const unwound = thrown && this.#task?.part.ensemble.unwind(thrown.error);
      if (unwound === undefined) return this.#owner.ended(thrown);
      this.#unwinding = true;
      void unwound.then(() => {
        this.#unwinding = false;
        this.#owner.ended(thrown);
      });
    },
  };
}
