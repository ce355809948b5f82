import { performance } from "node:perf_hooks";
import type { BandstandError } from "../../../foundation/errors/index.ts";
import type { HttpRequest } from "../../../foundation/http/index.ts";
import { Gathering } from "./gather.ts";
import type { Holder, Place } from "./holder.ts";
import { long, relief, stalled } from "./relief.ts";
import { Stallers } from "./stallers.ts";
import { Waiting } from "./waiting.ts";

/** Where nobody gives a place up, nobody is asked again for so long. Milliseconds. */
const rest = 25;
/** Places that are given back in one go, at most: looking for each looks at all. */
const mostAtOnce = 64;

/** How many places an endpoint has. */
export interface PlacesOptions {
  /** That count at a time. */
  most: number;
  /** That may go on besides, since only their clients hold them up, or since they last: 0 where `most` is somebody's word. */
  aside: number;
  /** Requests that may wait for one. */
  queue: number;
}

/** A request that may have to wait for its place. */
export interface WaitingClaim {
  request: HttpRequest;
  holder: Holder | undefined;
  /** Its body was gathered already. */
  gathered?: boolean;
  /** Ends the waiting. */
  withdraw: ((reason: BandstandError) => void) | undefined;
}

/** The places of one endpoint: who has one, who waits, and who gives one up. */
export class Places<P extends Place> {
  readonly #options: PlacesOptions;
  readonly #waiting: Waiting;
  readonly #gathering: Gathering;
  readonly #taken = new Set<P>();
  readonly #aside = new Set<Place>();
  #relieving = false;
  /** Whose turn it is once what was ended for them leaves. */
  readonly #preferred: { holder: Holder | undefined }[] = [];
  /** By `performance.now()`. */
  #notBefore = 0;
  readonly #known = new Stallers();
  /** Until then it is known soon who of those that just got a place stands still. */
  #patientUntil = 0;

  /** @param name of the endpoint. */
  constructor(name: string, options: PlacesOptions) {
    this.#options = options;
    this.#gathering = new Gathering(name);
    this.#waiting = new Waiting(name, options.queue, () => this.#relieve());
  }

  get taken(): number {
    return this.#taken.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether half of the places are in use. @param resting places of them that carry nothing now. */
  crowded(resting: number): boolean {
    return (this.#taken.size - resting - this.#aside.size) * 2 >= this.#options.most;
  }

  /** How many more may be taken now; below 0 where some came back that had stepped aside. */
  get room(): number {
    return this.#options.most + this.#aside.size - this.#taken.size;
  }

  take(place: P): void {
    this.#taken.add(place);
  }

  /** It carries nothing now: it counts again. */
  rest(place: P): void {
    this.#aside.delete(place);
  }

  leave(place: P): void {
    this.#taken.delete(place);
    this.#aside.delete(place);
  }

  /** A place is free: who is next starts. */
  next(): void {
    this.#waiting.next(this.#preferred.length === 0 ? undefined : this.#preferred.shift());
  }

  /**
   * Takes a place once enough of the request's body is there. Rejects with what breaks the body, with `overloaded` where too
   * many such requests wait, or with what `claim.withdraw` is called with.
   */
  gather<T>(claim: WaitingClaim, take: () => T): T | Promise<Awaited<T>> {
    // A component may write its body when it has the answer's head.
    if (claim.gathered === true || claim.holder?.connection === undefined) return take();
    claim.gathered = true;
    const gathering = this.#gathering.of(claim.request);
    if (gathering === undefined) return take();
    const { promise: withdrawn, reject } = Promise.withResolvers<never>();
    withdrawn.catch(() => {});
    claim.withdraw = reject;
    return Promise.race([gathering, withdrawn]).then(() => {
      claim.withdraw = undefined;
      return take() as Awaited<T>;
    });
  }

  /**
   * Waits for a place, and takes it. Rejects with `overloaded` where that takes too long or too many wait, or with what
   * `claim.withdraw` is called with.
   */
  wait<T>(claim: WaitingClaim, take: () => T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        claim.withdraw = undefined;
        try {
          resolve(take());
        } catch (error) {
          reject(error as BandstandError);
        }
      };
      claim.withdraw = this.#waiting.add(start, reject, claim.holder);
      this.#relieve();
    });
  }

  /** Nobody waits any more. */
  clear(error: BandstandError): void {
    this.#waiting.clear(error);
  }

  /** Ends an exchange that its client holds up, for somebody who waits elsewhere. False: there is none. */
  giveUp(waiter: Holder | undefined): boolean {
    const now = performance.now();
    const found = relief(this.#taken, new Set(), 0, [waiter], now);
    if (found?.end === undefined) return false;
    this.#end(found.end.place, now);
    return true;
  }

  /** Finds places for those who wait. What is ended leaves, which starts the next one. */
  #relieve(): void {
    if (this.#relieving || performance.now() < this.#notBefore) return;
    this.#relieving = true;
    for (let turn = 0; turn < mostAtOnce && this.#waiting.length > this.#preferred.length; turn++) {
      const now = performance.now();
      const room = this.#options.aside - this.#aside.size;
      this.#known.at(now);
      const found = relief(this.#taken, this.#aside, room, this.#unpromised(), now, this.#known);
      if (found !== undefined) this.#patientUntil = now + long;
      this.#waiting.patient = now < this.#patientUntil;
      if (found === undefined || found.soon === true) {
        this.#notBefore = now + rest;
        break;
      }
      const { aside, end } = found;
      if (aside !== undefined) this.#aside.add(aside);
      if (end !== undefined) {
        this.#preferred.push({ holder: end.for });
        this.#end(end.place, now);
      }
      // What was aside had no place to give, but the one that stepped aside for it has.
      if (aside !== undefined && this.room > 0) this.next();
    }
    this.#relieving = false;
  }

  /** For whom there are requests, without those who have the next places that come back. */
  #unpromised(): (Holder | undefined)[] {
    const all = [...this.#waiting.holders()];
    const promised = new Set(this.#preferred.map(({ holder }) => holder));
    const left = all.filter((holder) => !promised.has(holder));
    return left.length > 0 ? left : all;
  }

  #end(place: Place, now: number): void {
    this.#known.add(place.holder, now);
    const reason = stalled(place, now - (place.stalledSince(now) ?? now));
    const { holder } = place;
    // Whose end takes a while is not ended again.
    this.#taken.delete(place as P);
    place.abort(reason);
    holder?.stop?.(reason);
  }
}
