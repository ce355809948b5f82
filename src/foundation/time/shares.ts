import { Fair, type Served } from "./fair.ts";
import { Fifo } from "./fifo.ts";
import { Standing } from "./standing.ts";
import { apart } from "./turns.ts";

/** A request that waits for the thread. */
export interface Waiter {
  /** Nobody waits for its answer any more. */
  readonly isOver: boolean;
  start(): void;
  /** It waited too long. */
  refuse(): void;
}

/** One that waits, and since when. */
interface Place {
  readonly waiter: Waiter;
  readonly since: number;
}

/** Clock and turns of the event loop, for tests. Milliseconds. */
export interface Time {
  now(): number;
  /** Calls back in the next turn of the event loop. */
  nextTurn(act: () => void): void;
  /** Calls back when what began or went on just now has run. */
  behindIt(act: () => void): void;
}

/** `performance` as a global: commands, which never look at it, do not load it. */
const realTime: Time = {
  now: () => performance.now(),
  nextTurn: (act) => void setImmediate(act),
  behindIt: (act) => queueMicrotask(act),
};

/** After so long in one turn what else comes with it waits, so that new connections are taken, and what is known is what waits. */
const longTurn = 25;
/** What waits gets as much of a turn as what is ready, within these bounds: reading what more comes must not be all that is done. */
const [shortest, longest] = [1, 50];
/**
 * Where requests take less than this on average, and no guest had to make room, order changes little, and to wait here costs as much as a small
 * answer: turns and slices may be as long as a client does not mind.
 */
const [dear, longestOfCheap] = [0.5, 300];
/** What refusals have of that at most: who is refused can wait, and asks for nothing meanwhile. */
const refusals = 1 / 4;
/**
 * A millisecond of a slice sees so many of them, while those to come are not many, and came not too many milliseconds ago. Time would be no
 * measure: one that is written with others takes 2 µs here and 20 later, half of what a small answer does. Beside requests that take long it is little.
 */
const [leisurely, besideDear, mostLate, latest] = [1, 4, 8192, 3000];
/** Milliseconds that anybody waits, the few of a share too, beside more than so many others of its rule, or rules, that have or want the thread. */
const [longestBesideOthers, mostOthers] = [2000, 4];
/** Milliseconds without anybody who came to those of a share that wait: they are a burst. It passes, and nobody in it waits longer than so long. */
const [unjoined, longestInBurst] = [500, 10_000];
/** libuv takes one new connection a turn of the event loop: as long as they come, turns have nothing else to do, for so long. */
const welcome = 1;
/** Requests of one share, and of one party, that compute at a time: of more, all would be done late. */
const [mostOfShare, mostOfParty] = [2, 6];
/** Shares of one party. */
const kinds = 16;

/** Requests that look alike: they get their part of the thread together, first come first served. */
export class Share implements Served {
  used = 0;
  asks = false;
  readonly party: Party;
  /** Guests that made room for others, in the order that they go on. */
  readonly paused = new Fifo<() => void>();
  readonly waiting = new Fifo<Place>();
  readonly standing: Standing;
  /** The last one that began did not have to make room for others, as far as is known. */
  isQuick = true;

  constructor(party: Party) {
    this.party = party;
    this.standing = new Standing(party.time);
  }

  /** A next request may begin. Quick ones are not among those that compute at a time: they do not wait until dear ones are over. */
  get isOpen(): boolean {
    const { length } = this.paused;
    if (length === 0 && this.isQuick) return true;
    return length < mostOfShare && this.party.paused < mostOfParty;
  }

  /** There is something to do for it now. */
  get isReady(): boolean {
    return this.paused.length > 0 || this.mayStart;
  }

  get mayStart(): boolean {
    return this.waiting.length > 0 && this.isOpen;
  }
}

/** All requests of one rule of a route: it gets as much of the thread as its neighbours, however many requests these have. */
export class Party implements Served {
  used = 0;
  asks = false;
  readonly shares = new Fair<Share>();
  /** Guests of all its shares that made room for others. */
  paused = 0;
  /** Milliseconds that each request has from when it came; undefined: as many as it takes. */
  readonly time: number | undefined;
  readonly #all: (Share | undefined)[] = [];

  constructor(time?: number) {
    this.time = time;
  }

  /**
   * The share of a request: what costs alike has one path nearly always. Those of different paths may fall together; then they wait for
   * each other.
   */
  of(method: string, target: string): Share {
    let hash = method.charCodeAt(0);
    for (let at = 0; at < target.length; at++) {
      const unit = target.charCodeAt(at);
      if (unit === 0x3f) break;
      hash = Math.imul(hash ^ unit, 0x01000193);
    }
    return (this.#all[(hash ^ (hash >>> 15)) & (kinds - 1)] ??= new Share(this));
  }
}

/**
 * Deals out one thread among requests. As long as turns of the event loop are short, each begins where it comes, and that costs a
 * comparison. In a long turn what comes is only read, and waits here instead of in the kernel, where nobody knows how long, and for
 * what: then whoever had least of the thread is next, party by party and in each share by share, and guests that made room for others
 * go on in the same order. So whoever asks for much waits for it, or is refused in the end, and neighbours are served.
 */
export class Shares {
  readonly #time: Time;
  readonly #parties = new Fair<Party>();
  /** Of guests without a request. */
  readonly #nobodys = new Party().of("", "");
  /** When the first request of this turn came; 0: none did. */
  #turnBegan = 0;
  /** Requests that began where they came in this turn. */
  #begun = 0;
  /** All that comes waits, until nothing is left that may begin. */
  #lined = false;
  /** A run is due, or goes on. */
  #planned = false;
  /** When its slice is over. */
  #end = 0;
  /** What went on or began in its slice, and how long that took. */
  #served = 0;
  #took = 0;
  /** Requests took long, when it was last looked at. */
  #isDear = true;
  /** When the last one was, where something was left; 0: nothing was. */
  #rested = 0;
  /** Those who are to be refused. */
  readonly #late = new Fifo<Place>();
  /** A connection came in this turn. */
  #cameOne = false;
  /** Since when there was nothing but that; 0: there was. */
  #welcomes = 0;
  /** Who has the thread in it, and since when. */
  #running: Share | undefined;
  #at = 0;
  /** Guests go on, and some begin, when the stack that says so is over. */
  readonly #behind = (): void => this.#ran();
  readonly #later = (act: () => void): void => this.#time.nextTurn(act);

  constructor(time: Time = realTime) {
    this.#time = time;
  }

  /** Whether a request begins where it comes. @param now by the thread's clock, of a moment ago. */
  mayBegin(share: Share, now: number): boolean {
    if (this.#lined) return false;
    if (this.#turnBegan === 0) this.#beginTurn(now);
    else if (this.#isLong(now - this.#turnBegan)) {
      this.#lined = true;
      return false;
    }
    this.#begun++;
    return share.waiting.length === 0 && share.isOpen;
  }

  /** What comes with this turn waits from now on. Notes, too, whether requests of it took long. */
  #isLong(turn: number): boolean {
    if (turn <= longTurn) return false;
    this.#isDear = turn > this.#begun * dear;
    return turn > longestOfCheap || this.#isDear || this.#parties.size > 0;
  }

  /** One that may not gets its turn, or is refused. @param now as above. */
  wait(share: Share, waiter: Waiter, now: number): void {
    share.waiting.push({ waiter, since: now });
    this.#enter(share);
  }

  /** A guest makes room for others. @param share of the request that it works on. */
  pause(share: Share | undefined, resume: () => void): void {
    const own = share ?? this.#nobodys;
    own.isQuick = false;
    own.paused.push(resume);
    own.party.paused++;
    this.#enter(own);
  }

  /** A connection came, and more of them may wait behind it: they are taken first. */
  newcomer(): void {
    this.#lined = true;
    this.#cameOne = true;
    this.#plan();
  }

  #beginTurn(now: number): void {
    this.#turnBegan = now;
    this.#begun = 0;
    this.#time.nextTurn(() => (this.#turnBegan = 0));
  }

  #enter(share: Share): void {
    share.party.shares.enter(share);
    this.#parties.enter(share.party);
    this.#plan();
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.#time.nextTurn(this.#begin);
  }

  readonly #begin = (): void => {
    const now = this.#time.now();
    if (this.#cameOne) {
      this.#cameOne = false;
      if (this.#welcomes === 0) this.#welcomes = now;
      if (now - this.#welcomes < welcome) return this.#time.nextTurn(this.#begin);
    }
    this.#welcomes = 0;
    const turn = this.#rested === 0 ? 0 : now - this.#rested;
    const isDear = this.#isDear || this.#late.length > 0 || this.#parties.some(({ paused }) => paused > 0);
    const slice = isDear ? Math.min(Math.max(turn, shortest), longest) : longestOfCheap;
    this.#end = now + slice;
    this.#run(this.#refuse(now, now + slice * refusals, slice * (this.#isDear ? besideDear : leisurely)));
  };

  /** Goes on with whoever had least until the slice is over: at least with one. */
  #run(now: number): void {
    const share = this.#parties.least()?.shares.least(isReady);
    if (share === undefined) return this.#rest(this.#refuse(now, this.#end, Number.POSITIVE_INFINITY));
    this.#giveUp(share, now);
    apart(() => goOn(share), this.#later);
    this.#at = now;
    this.#running = share;
    this.#time.behindIt(this.#behind);
  }

  #ran(): void {
    const now = this.#time.now();
    this.#served++;
    this.#took += now - this.#at;
    this.#had(this.#running!, now - this.#at);
    if (now < this.#end) this.#run(now);
    else this.#rest(now);
  }

  /** Those who waited too long, or left, are not served any more. */
  #giveUp(share: Share, now: number): void {
    const { waiting } = share;
    for (let { first } = waiting; first !== undefined; first = waiting.first) {
      if (!first.waiter.isOver && !this.#isTooLong(share, now - first.since, now)) return;
      waiting.shift();
      this.#late.push(first);
    }
  }

  /** @param waited by the first one of it. */
  #isTooLong({ waiting, standing, party }: Share, waited: number, now: number): boolean {
    const stands = standing.isTooLong(waited, now, waiting.length);
    // Each gets so little of it that it waits however few of its own do.
    if (waited > longestBesideOthers && Math.max(this.#parties.size, party.shares.size) > mostOthers) return true;
    // Refusals spare those who come later: here nobody does.
    return now - waiting.last!.since > unjoined ? waited > longestInBurst : stands;
  }

  /** @param most of those that may wait longer. @returns the time. */
  #refuse(from: number, until: number, most: number): number {
    let now = from;
    for (let left = most; now < until && this.#late.length > 0 && (left > 0 || this.#presses(now)); left--) {
      const { waiter } = this.#late.shift()!;
      apart(() => waiter.refuse(), this.#later);
      now = this.#time.now();
    }
    return now;
  }

  /** The next refusal must not wait any longer. */
  #presses(now: number): boolean {
    const { first, length } = this.#late;
    return length > mostLate || (first !== undefined && now - first.since > latest);
  }

  /** A share had the thread for so long. */
  #had(share: Share, milliseconds: number): void {
    const { party } = share;
    share.used += milliseconds;
    party.used += milliseconds;
    if (share.waiting.length > 0 || share.paused.length > 0) return;
    party.shares.leave(share);
    if (party.shares.size === 0) this.#parties.leave(party);
  }

  #rest(now: number): void {
    this.#planned = false;
    if (this.#served > 0) this.#isDear = this.#took > this.#served * dear;
    this.#served = this.#took = 0;
    this.#lined &&= this.#parties.some(({ shares }) => shares.some(({ mayStart }) => mayStart));
    const isOver = this.#parties.size === 0 && this.#late.length === 0;
    this.#rested = isOver ? 0 : now;
    if (!isOver) this.#plan();
  }
}

/** The next one begins, or a guest goes on. */
function goOn(share: Share): void {
  const { paused, waiting, party } = share;
  if (share.mayStart) {
    share.isQuick = true;
    return waiting.shift()!.waiter.start();
  }
  if (paused.length === 0) return;
  party.paused--;
  paused.shift()!();
}

function isReady(share: Share): boolean {
  return share.isReady;
}

/** The thread's own. */
export const shares = new Shares();
