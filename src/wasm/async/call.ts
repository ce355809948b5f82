import type { Guest } from "../host/guest.ts";
import { eventKind } from "./event.ts";
import type { Tasks } from "./tasks.ts";
import { Waitable } from "./waitable.ts";

/** The states of a subtask that a guest is told. */
export const subtaskState = {
  starting: 0,
  started: 1,
  returned: 2,
  cancelledBeforeStarted: 3,
  cancelledBeforeReturned: 4,
} as const;

/** A call of the host that may take its time. */
export class Call {
  isDone = false;
  /** Puts the result where the guest wants it. */
  #write: () => void = nothing;
  #onDone: () => void = nothing;
  #onCancel: () => void = nothing;

  /** @param write called once, when the guest can take the result. */
  finish(write: () => void = nothing): this {
    if (this.isDone) return this;
    this.isDone = true;
    this.#write = write;
    this.#onDone();
    return this;
  }

  /** What ends it early. */
  onCancel(stop: () => void): this {
    this.#onCancel = stop;
    return this;
  }

  onDone(listener: () => void): void {
    this.#onDone = listener;
  }

  write(): void {
    this.#write();
  }

  cancel(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.#onDone = nothing;
    this.#onCancel();
  }
}

/** A call that the guest made and did not wait for. */
export abstract class Subtask extends Waitable {
  readonly kind = "subtask";
  /** The guest knows how it ended. */
  abstract readonly isDelivered: boolean;
  /** The guest asked for its end. */
  abstract readonly wasCancelled: boolean;

  /** Answers the state that it came to; without one it goes on for a while. */
  abstract cancel(async: boolean): number | Promise<number>;
}

/** The same, of the host. */
export class HostSubtask extends Subtask {
  readonly #call: Call;
  #state: number = subtaskState.started;
  #delivered = false;
  #cancelled = false;

  constructor(tasks: Tasks, call: Call) {
    super(tasks);
    this.#call = call;
    call.onDone(() => this.#done());
  }

  get isDelivered(): boolean {
    return this.#delivered;
  }

  get wasCancelled(): boolean {
    return this.#cancelled;
  }

  /** Answers the state that it came to: what the host does ends at once. */
  override cancel(): number {
    this.#cancelled = true;
    if (this.#state === subtaskState.started) {
      this.#call.cancel();
      this.#state = subtaskState.cancelledBeforeReturned;
    }
    this.takeEvent();
    this.#delivered = true;
    return this.#state;
  }

  #done(): void {
    if (!this.isAlive || !this.tasks.onBehalf(() => this.#call.write())) return;
    this.#state = subtaskState.returned;
    this.happened(() => {
      this.#delivered = true;
      return [eventKind.subtask, this.handle, this.#state];
    });
  }
}

/** Makes a call one of an asynchronous lower: it answers at once, with a subtask where the call is not done. */
export function answerLater(guest: Guest, call: Call): number {
  if (call.isDone) {
    call.write();
    return subtaskState.returned;
  }
  const subtask = new HostSubtask(guest.tasks, call);
  subtask.handle = guest.handles.add(subtask);
  return subtaskState.started | (subtask.handle << 4);
}

/** Waits for a call on the guest's stack. */
export function answerHere(guest: Guest, call: Call): undefined | Promise<void> {
  call.onDone(() => guest.notify());
  return guest.waitAsTask(() => {
    if (call.isDone) call.write();
    return call.isDone;
  });
}

function nothing(): void {}
