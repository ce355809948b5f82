import { Shares, type Share, type Time, type Waiter } from "../shares.ts";

/** Milliseconds that a guest runs before it makes room for others. */
const guestSlice = 1;
/** What it costs to read a request, and to refuse it, if nothing else is said. Milliseconds. */
const [usualReading, usualRefusing] = [0.005, 0.005];

/** Requests of one kind that come by themselves, at random times. */
export interface Flow {
  share: Share;
  perSecond: number;
  /** Milliseconds of the thread. */
  cost: number;
  /** Connections of its clients: who finds none free does not ask. */
  connections?: number;
}

/** What became of those of a flow that came while it was counted. */
export interface Seen {
  offered: number;
  refused: number;
  /** Milliseconds until the last of them knew. */
  longestRefusal: number;
  /** Milliseconds to the answer, of those that were served. */
  latencies: number[];
}

/** A thread in the manner of libuv's: what is ready is read, then what was asked for the next turn runs. Its clock is what its work costs. */
export class Loop implements Time {
  clock = 0;
  readonly shares = new Shares(this);
  #next: (() => void)[] = [];
  #behind: (() => void)[] = [];
  #random = 12345;
  /** What a millisecond of work takes. */
  readonly #pace: number;
  readonly #reading: number;
  readonly #refusing: number;
  /** Requests of each flow that are not answered. */
  readonly #under = new Map<Flow, number>();

  /** @param options.stolen the part of its core that other programs have. @param options.reading and `refusing`: milliseconds a request. */
  constructor(options: { stolen?: number; reading?: number; refusing?: number } = {}) {
    this.#pace = 1 / (1 - (options.stolen ?? 0));
    this.#reading = options.reading ?? usualReading;
    this.#refusing = options.refusing ?? usualRefusing;
  }

  now(): number {
    return this.clock;
  }

  nextTurn(act: () => void): void {
    this.#next.push(act);
  }

  behindIt(act: () => void): void {
    this.#behind.push(act);
  }

  /** Lets requests come at random times, and serves them until none are left. @param warm seconds before those that are told of. */
  run(flows: Flow[], seconds: number, warm = 0): Map<Flow, Seen> {
    const seen = new Map<Flow, Seen>(
      flows.map((flow) => [flow, { offered: 0, refused: 0, longestRefusal: 0, latencies: [] }]),
    );
    const counts = this.clock + warm * 1000;
    const end = counts + seconds * 1000;
    const due = flows.map((flow) => ({ flow, at: this.clock + this.#gap(flow) }));
    for (;;) {
      const ready: { flow: Flow; at: number }[] = [];
      for (const source of due) {
        for (; source.at <= this.clock && source.at < end; source.at += this.#gap(source.flow))
          ready.push({ ...source });
      }
      ready.sort((first, second) => first.at - second.at);
      for (const { flow, at } of ready) this.#come(flow, at, at >= counts ? seen.get(flow) : undefined);
      if (this.turn() || ready.length > 0) continue;
      const next = Math.min(...due.map(({ at }) => at));
      if (next >= end) return seen;
      this.clock = Math.max(this.clock, next);
    }
  }

  /** What was asked for the next turn. False: nothing was. */
  turn(): boolean {
    const acts = this.#next;
    this.#next = [];
    for (const act of acts) {
      act();
      this.#drain();
    }
    return acts.length > 0;
  }

  #works(milliseconds: number): void {
    this.clock += milliseconds * this.#pace;
  }

  #come(flow: Flow, at: number, seen: Seen | undefined): void {
    const under = this.#under.get(flow) ?? 0;
    if (under >= (flow.connections ?? Number.POSITIVE_INFINITY)) return;
    this.#under.set(flow, under + 1);
    this.#works(this.#reading);
    if (seen) seen.offered++;
    const answered = (): void => {
      this.#answered(flow);
      seen?.latencies.push(this.clock - at);
    };
    const start = (): void => {
      // A guest may begin when the stack is over that says so.
      this.#behind.push(() => this.#guest(flow, flow.cost, answered));
    };
    const refuse = (): void => {
      this.#works(this.#refusing);
      this.#answered(flow);
      if (seen === undefined) return;
      seen.refused++;
      seen.longestRefusal = Math.max(seen.longestRefusal, this.clock - at);
    };
    const waiter: Waiter = { isOver: false, start, refuse };
    if (this.shares.mayBegin(flow.share, this.clock)) start();
    else this.shares.wait(flow.share, waiter, this.clock);
    this.#drain();
  }

  #answered(flow: Flow): void {
    this.#under.set(flow, this.#under.get(flow)! - 1);
  }

  #guest(flow: Flow, rest: number, done: () => void): void {
    const ran = Math.min(rest, guestSlice);
    this.#works(ran);
    if (ran === rest) return done();
    const goOn = (): void => this.#guest(flow, rest - ran, done);
    this.shares.pause(flow.share, () => this.#behind.push(goOn));
  }

  #drain(): void {
    for (let act = this.#behind.shift(); act !== undefined; act = this.#behind.shift()) act();
  }

  #gap({ perSecond }: Flow): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0;
    return (-Math.log(1 - this.#random / 2 ** 32) * 1000) / perSecond;
  }
}
