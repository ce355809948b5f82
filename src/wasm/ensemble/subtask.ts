import { blocked, eventKind } from "../async/event.ts";
import { Subtask, subtaskState } from "../async/call.ts";
import type { Part } from "./part.ts";
import type { CoreValue } from "./stacks.ts";
import type { PartTask } from "./task.ts";

/** A call of another component, as its caller sees it. */
export class PartSubtask extends Subtask {
  state: number = subtaskState.starting;
  wasCancelled = false;
  /** Result of a plain lower. */
  result: CoreValue | undefined;
  task: PartTask | undefined;
  readonly #part: Part;
  /** Handles that the caller lends until it knows that the call is over; undefined: it knows. */
  #lent: number[] | undefined = [];

  constructor(part: Part) {
    super(part.tasks);
    this.#part = part;
  }

  get isDelivered(): boolean {
    return this.#lent === undefined;
  }

  get isResolved(): boolean {
    return this.state >= subtaskState.returned;
  }

  lends(handle: number): void {
    this.#lent!.push(handle);
  }

  started(): void {
    this.state = subtaskState.started;
    this.#progress();
  }

  returned(): void {
    this.state = subtaskState.returned;
    this.#progress();
  }

  cancelled(): void {
    this.state =
      this.state === subtaskState.starting ? subtaskState.cancelledBeforeStarted : subtaskState.cancelledBeforeReturned;
    this.#progress();
  }

  /** The caller knows how it ended: what it lent is its own again. */
  deliver(): void {
    for (const handle of this.#lent ?? []) this.#part.handles.returned(handle);
    this.#lent = undefined;
  }

  override cancel(async: boolean): number | Promise<number> {
    if (this.isResolved) return this.#known();
    this.wasCancelled = true;
    const going = this.task!.requestCancellation(this.#part);
    return going === undefined ? this.#afterRequest(async) : going.then(() => this.#afterRequest(async));
  }

  #afterRequest(async: boolean): number | Promise<number> {
    if (this.isResolved) return this.#known();
    if (async) return blocked;
    this.isAwaited = true;
    const wait = this.#part.waitAsTask(() => this.isResolved);
    return wait === undefined ? this.#known() : wait.then(() => this.#known());
  }

  #known(): number {
    this.isAwaited = false;
    this.takeEvent();
    this.deliver();
    return this.state;
  }

  /** The caller is told, where it holds a handle of it. */
  #progress(): void {
    if (this.handle === 0) return;
    this.happened(() => {
      if (this.isResolved) this.deliver();
      return [eventKind.subtask, this.handle, this.state];
    });
  }
}
