import { performance } from "node:perf_hooks";
import { ByteWriter } from "../../foundation/bytes/index.ts";
import { printable } from "../../foundation/log/index.ts";
import type { AccessEntry } from "./access-log.ts";
import { giveBack, lend, SharedPlaces } from "./places.ts";

const piece = (text: string): Buffer => Buffer.from(text, "latin1");
const behindTime = piece('Z","id":"');
const remoteIs = piece('","remote":"');
const methodIs = piece('","method":"');
const authorityIs = piece('","authority":');
const targetIs = piece(',"target":');
const statusIs = piece(',"status":');
const secondsAre = piece(',"seconds":');

/**
 * Writes lines of JSON into bytes: one that is put together from strings takes four times as long, first for its pieces, then for
 * making one of them, and at last for making bytes of that.
 */
export class LineWriter extends ByteWriter {
  readonly #places: SharedPlaces;
  /** Lines that were written and not taken. */
  count = 0;
  /** The wall's clock is so much ahead of `performance.now()`, as it was found at that time. */
  #ahead = 0;
  #foundAt = Number.NEGATIVE_INFINITY;
  #second = -1;
  /** `{"time":"` and all of it to the second. */
  #time = piece("");
  #route: string | undefined;
  #backend = "";
  /** What both say, with what stands around. */
  #ways = piece("");

  /** @param size of its place, in bytes. */
  constructor(size: number) {
    const places = new SharedPlaces(size);
    super(places.free()!);
    this.#places = places;
  }

  get room(): number {
    return this.area.length - this.end;
  }

  /** Has room for so many bytes, where nothing is written yet. */
  need(most: number): void {
    if (most > this.area.length) this.area = Buffer.allocUnsafeSlow(most);
  }

  /**
   * What was written, lent until it is given back; it begins anew in another place. Undefined where there is none, since nobody takes
   * what was lent before: then it is lost.
   */
  taken(): Uint8Array | undefined {
    const lines = this.area.subarray(0, this.end);
    this.end = 0;
    this.count = 0;
    const isShared = lines.buffer instanceof SharedArrayBuffer;
    if (isShared) lend(lines);
    const next = isShared || !this.#places.areLate ? this.#places.free() : undefined;
    if (next !== undefined) {
      this.area = next;
      return lines;
    }
    giveBack(lines);
    return undefined;
  }

  line({
    named,
    remote,
    method,
    authority,
    target,
    status,
    ended,
    duration,
    route,
    backend,
    error,
  }: AccessEntry): void {
    this.count++;
    this.#timestamp(ended);
    this.all(behindTime);
    // Method, status, route and id are ours or checked; what a client writes freely is escaped.
    if (named.writeId === undefined) this.text(named.id);
    else named.writeId(this);
    this.all(remoteIs);
    this.text(remote);
    this.all(methodIs);
    this.text(method);
    this.all(authorityIs);
    this.#quoted(authority);
    this.all(targetIs);
    this.#quoted(target);
    this.all(statusIs);
    this.number(status);
    this.all(secondsAre);
    const micro = Math.max(0, Math.round(duration * 1000));
    const rest = micro % 1_000_000;
    this.number((micro - rest) / 1_000_000);
    this.text(".");
    this.number(rest, 10, 6);
    if (route !== this.#route || backend !== this.#backend) {
      this.#route = route;
      this.#backend = backend;
      this.#ways = piece(`,"route":"${route}","backend":"${backend}"`);
    }
    this.all(this.#ways);
    this.text(error === undefined ? "}\n" : `,"error":"${error}"}\n`);
  }

  /** ISO 8601 with milliseconds; all but the milliseconds is made once a second. */
  #timestamp(when: number): void {
    // Somebody may set the wall's clock.
    if (when - this.#foundAt > 1000) {
      this.#foundAt = performance.now();
      this.#ahead = Date.now() - this.#foundAt;
    }
    const now = Math.floor(when + this.#ahead);
    const rest = now % 1000;
    if (now - rest !== this.#second) {
      this.#second = now - rest;
      this.#time = piece(`{"time":"${new Date(this.#second).toISOString().slice(0, 20)}`);
    }
    this.all(this.#time);
    this.number(rest, 10, 3);
  }

  /** In quotes, with all escaped that a terminal might obey. Nearly always there is nothing to escape. */
  #quoted(text: string): void {
    const from = this.end;
    const { area } = this;
    let at = from;
    area[at++] = 0x22;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) {
        this.end = from + area.write(printable(JSON.stringify(text)), from, "utf8");
        return;
      }
      area[at++] = unit;
    }
    area[at++] = 0x22;
    this.end = at;
  }
}
