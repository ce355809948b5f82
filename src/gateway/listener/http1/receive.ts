import type { Body, RawHeaders } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { ChunkedDecoder } from "../../http1/chunked.ts";
import { parseTrailers } from "../../http1/fields.ts";
import type { RequestFraming } from "./head.ts";

/** Bodies up to this size that arrive with their head are handed on whole. */
const wholeBody = 16 * 1024;

/** A body that arrived together with its head, and what follows it; undefined where it still has to come. */
export function wholeWithHead(framing: RequestFraming, rest: Buffer): { body: Body; rest: Buffer } | undefined {
  if (framing.type === "none") return { body: undefined, rest };
  if (framing.type === "chunked" || framing.length > wholeBody || rest.length < framing.length) return undefined;
  return { body: rest.toString("latin1", 0, framing.length), rest: rest.subarray(framing.length) };
}

/** The body of a request while it arrives, by its framing. */
export class ArrivingBody {
  readonly queue: BodyQueue;
  #left: number;
  readonly #decoder: ChunkedDecoder | undefined;

  /**
   * @param onRoom called when the reader took enough for the socket to be read on, or wants no more.
   * @param onWait called when the reader wants what has not come.
   */
  constructor(framing: RequestFraming, onRoom: () => void, onWait: () => void) {
    const length = framing.type === "length" ? framing.length : undefined;
    this.#left = length ?? 0;
    this.#decoder = framing.type === "chunked" ? new ChunkedDecoder() : undefined;
    this.queue = new BodyQueue({ length, onRoom, onCancel: onRoom, onWait });
  }

  /** Takes bytes. `taken` is less than given only at the body's end. Throws `Malformed`. */
  take(input: Buffer): { taken: number; room: boolean; done: boolean } {
    let room = true;
    if (this.#decoder !== undefined) {
      const taken = this.#decoder.decode(input, (piece) => (room = this.queue.push(piece)));
      if (this.#decoder.done) this.#end(parseTrailers(this.#decoder.trailers));
      return { taken, room, done: this.#decoder.done };
    }
    const taken = Math.min(input.length, this.#left);
    room = this.queue.push(taken === input.length ? input : input.subarray(0, taken));
    this.#left -= taken;
    if (this.#left === 0) this.#end();
    return { taken, room, done: this.#left === 0 };
  }

  #end(trailers?: RawHeaders): void {
    this.queue.end(trailers);
  }
}
