import { constants, unknown } from "./values.ts";
import { marks } from "./layout.ts";

/** Earlier marks of a name that are looked at: more would make long code slow to plan. */
const mostLooks = 8;

/** Addresses that are marked on every path to where we are: names of values (`LocalValues`) plus something. */
export class Covered {
  readonly #names: number[] = [];
  readonly #anchors: number[] = [];
  /** How far behind each all is restored, at least. */
  readonly #reaches: number[] = [];
  /** The mark of the same name before, or -1. */
  readonly #before: number[] = [];
  readonly #last: number[] = [];
  /** When each was marked. */
  readonly #times: number[] = [];

  enter(): void {
    this.#reaches.length = 0;
    this.#names.length = this.#anchors.length = this.#before.length = this.#last.length = 0;
    this.#times.length = 0;
  }

  /** @param time later than any before. @param reach bytes from there on that lie in marked pages. */
  add(name: number, anchor: number, time: number, reach = 0): void {
    if (name === unknown) return;
    this.#before.push(this.#last[name] ?? -1);
    this.#last[name] = this.#names.push(name) - 1;
    this.#anchors.push(anchor | 0);
    this.#reaches.push(Math.max(reach, marks.slack));
    this.#times.push(time);
  }

  /** Forgets what was marked since then. */
  truncate(since: number): void {
    while (this.#times.length > 0 && this.#times.at(-1)! >= since) {
      this.#times.pop();
      this.#last[this.#names.pop()!] = this.#before.pop()!;
      this.#anchors.pop();
      this.#reaches.pop();
    }
  }

  /** What was marked since then, as triples of name, what is added, and how far that reaches. */
  since(time: number): number[] {
    const found: number[] = [];
    for (let mark = this.#names.length - 1; mark >= 0 && this.#times[mark]! >= time; mark--)
      found.push(this.#names[mark]!, this.#anchors[mark]!, this.#reaches[mark]!);
    return found;
  }

  /** So many bytes at the name plus `at` are restored already. */
  has(name: number, at: number, size: number): boolean {
    if (name === unknown) return false;
    let mark = this.#last[name] ?? -1;
    for (let n = mostLooks; mark >= 0 && n > 0; n--) {
      // Modulo 2^32, as addresses are. See `marks.mostPages`.
      const distance = (at - this.#anchors[mark]!) | 0;
      if (
        near(distance, size, this.#reaches[mark]!) ||
        (name === constants && samePage(at, size, this.#anchors[mark]!))
      )
        return true;
      mark = this.#before[mark]!;
    }
    return false;
  }
}

/** A store of so many bytes, at such a distance from a marked address, needs no mark. */
export function near(distance: number, size: number, reach: number = marks.slack): boolean {
  return distance >= -marks.slack && distance + size <= reach;
}

function samePage(at: number, size: number, anchor: number): boolean {
  const last = (at >>> 0) + size - 1;
  return (
    (at >>> 0) >>> marks.pageShift === anchor >>> marks.pageShift &&
    last >>> marks.pageShift === anchor >>> marks.pageShift
  );
}
