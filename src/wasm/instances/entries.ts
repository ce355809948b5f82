import type { Entry } from "./home.ts";

/** Runs in so many that may begin again: a machine that is busy with other things makes some slow. */
const tolerated = 1 / 1000;

/**
 * How the guests of one component are entered. Plainly saves a few microseconds a request, but a guest that has to
 * wait, or runs for long, must begin again: so a component is entered plainly until it shows that it does either.
 */
export class Entries {
  #entry: Entry = "plain";
  #runs = 0;
  #restarts = 0;

  /** How the next guest will be entered. */
  get current(): Entry {
    return this.#entry;
  }

  next(): Entry {
    this.#runs++;
    return this.#entry;
  }

  /** What a rehearsal showed. */
  rehearsed(entry: Entry): void {
    this.#entry = entry;
  }

  /** It showed that it has to be able to wait. */
  mustWait(): void {
    this.#entry = "waiting";
  }

  /** A guest that was entered plainly begins again. */
  restarted(): void {
    if (++this.#restarts > 2 + this.#runs * tolerated) this.#entry = "waiting";
  }
}
