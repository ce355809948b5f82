/** A connection with a message that waits. */
export interface Waiter {
  flush(): void;
}

/** So many messages of one turn are worth waiting for each other; with fewer of them the wait is not. */
const worthwhile = 6;
/** No more wait at once: the first of them has waited long enough. */
const mostWaiting = 32;
/** Every so many messages it is counted how many a turn has, while none wait. */
const between = 64;
/** Milliseconds that guests of one turn may take while messages wait. */
const patience = 0.3;
const size = 64 * 1024;

/**
 * Small messages of one turn of the event loop go out together at its end: the kernel's way to the network is gone once for
 * all of them, while everything on it is at hand, and who sleeps behind it is woken once. That makes a write under many
 * connections a tenth cheaper, and would only delay it under few, so it is done while turns have many messages. Guests of
 * the same turn run meanwhile, for as long as they are quick.
 */
export class Turn {
  /** Messages wait for the end of the turn. */
  waits = false;
  /** Where what waits stands, one message behind the other. */
  area = Buffer.allocUnsafeSlow(size);
  used = 0;
  /** Of the area, as many as waited at a time, with where they begin and end: the same lengths come again and again. */
  #views: Uint8Array[] = [];
  #begins: number[] = [];
  #ends: number[] = [];
  #waiting: Waiter[] = [];
  #left = false;
  /** When the first guest began since messages wait; 0: none did. */
  #guestsSince = 0;
  /** Messages of this turn, or since the last count began. */
  #count = 0;
  #counting = false;

  /** A message that goes out at once. */
  passed(): void {
    this.#count++;
    if (this.#counting || this.#count < between) return;
    this.#counting = true;
    this.#count = 0;
    setImmediate(() => {
      this.#counting = false;
      this.waits = this.#count >= worthwhile;
      this.#count = 0;
    });
  }

  /** Makes room for a message of at most so many bytes, which stands at `used`. False: it is too long to wait. */
  admits(most: number): boolean {
    if (most > size / 4) return false;
    if (this.#waiting.length >= mostWaiting || this.used + most > size) this.#flush();
    return true;
  }

  /** The message that waits next, from where there was room. */
  view(end: number): Uint8Array {
    const index = this.#waiting.length;
    const begin = this.used;
    const known = this.#views[index];
    if (known !== undefined && this.#begins[index] === begin && this.#ends[index] === end) return known;
    const made = new Uint8Array(this.area.buffer, begin, end - begin);
    this.#views[index] = made;
    this.#begins[index] = begin;
    this.#ends[index] = end;
    return made;
  }

  /** A message of a connection stands where it has room, and ends there; the connection writes it when it is told to. */
  take(waiter: Waiter, end: number): void {
    if (this.#waiting.push(waiter) === 1 && !this.#counting) {
      this.#counting = true;
      setImmediate(() => this.#end());
    }
    this.#count++;
    this.used = end;
  }

  /**
   * A guest begins: what has waited for guests for long goes out before. Mostly they are over in microseconds.
   * @param now `performance.now()`, of a moment ago.
   */
  beforeGuest(now: number): void {
    if (this.#waiting.length === 0) return;
    if (this.#guestsSince === 0) this.#guestsSince = now;
    else if (now - this.#guestsSince > patience) this.#flush();
  }

  /**
   * A guest's answer is next: those that waited go on one behind the other, longer than most begin, and the first of their answers
   * waits no longer than others do.
   * @param now `performance.now()`, of a moment ago.
   */
  afterGuest(now: number): void {
    this.beforeGuest(now);
    if (this.#waiting.length === 0) this.#guestsSince = now;
  }

  /** Somebody holds what was taken: what comes next has another place. */
  leave(): void {
    this.#left = true;
  }

  #end(): void {
    this.#counting = false;
    this.waits = this.#count >= worthwhile;
    this.#count = 0;
    if (this.#waiting.length > 0) this.#flush();
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.used = 0;
    this.#guestsSince = 0;
    for (const one of waiting) one.flush();
    if (!this.#left) return;
    this.#left = false;
    this.area = Buffer.allocUnsafeSlow(size);
    this.#views = [];
  }
}

/** The thread's own. */
export const turn = new Turn();
