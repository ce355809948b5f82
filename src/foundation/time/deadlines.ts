import { monotonic } from "./clock.ts";

/** Something that must be over by an instant. */
export interface Timed {
  /** By `monotonic()`. */
  deadline: number;
  expired(): void;
}

/** One entry; linked, so that taking one out costs the same for one and for a thousand. */
export interface Ticket {
  readonly timed: Timed;
  before: Ticket | undefined;
  after: Ticket | undefined;
  /** It is out of the list. */
  gone: boolean;
}

/**
 * Deadlines that all lie the same time ahead, so that they pass in the order they came: one timer does for all,
 * and a request that ends in time costs none.
 */
export class Deadlines {
  #first: Ticket | undefined;
  #last: Ticket | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param timed whose deadline is no earlier than that of those before. */
  add(timed: Timed): Ticket {
    const ticket: Ticket = { timed, before: this.#last, after: undefined, gone: false };
    if (this.#last === undefined) this.#first = ticket;
    else this.#last.after = ticket;
    this.#last = ticket;
    if (this.#timer === undefined) this.#arm(timed.deadline);
    return ticket;
  }

  remove(ticket: Ticket): void {
    if (ticket.gone) return;
    ticket.gone = true;
    const { before, after } = ticket;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    // One that grew old while it waited is garbage only when old objects are collected, and would keep all that came after it.
    ticket.before = undefined;
    ticket.after = undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(deadline: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.max(Math.ceil(deadline - monotonic()), 1));
    this.#timer.unref();
  }

  #look(): void {
    this.#timer = undefined;
    const now = monotonic();
    while (this.#first !== undefined && this.#first.timed.deadline <= now) {
      const ticket = this.#first;
      this.remove(ticket);
      ticket.timed.expired();
    }
    if (this.#first !== undefined && this.#timer === undefined) this.#arm(this.#first.timed.deadline);
  }
}
