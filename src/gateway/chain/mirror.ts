import { performance } from "node:perf_hooks";
import { BandstandError } from "../../foundation/errors/index.ts";
import {
  isInPlace,
  isStream,
  type BodyStream,
  type HttpRequest,
  type RawHeaders,
} from "../../foundation/http/index.ts";
import { BodyQueue } from "../../foundation/http/queue.ts";
import { Exchange } from "../listener/exchange.ts";
import { Passage, type Stage } from "./passage.ts";

/** Copies under way at once of one filter; further ones are left out, or a mirror that hangs would fill memory. */
const most = 256;
/** A copy's answer is waited for so long. Milliseconds. */
const patience = 30_000;
/** What may wait for a mirror that reads more slowly than the backend, before it gets a broken body. Bytes. */
const waiting = 1024 * 1024;
/** So much of a mirror's answer is read to keep its connection. Bytes. */
const read = 256 * 1024;

/**
 * RequestMirror: one copy of a request, as it is at this place in the chain, to another backend, whose answer nobody
 * sees. The request itself never waits for it.
 * @param share 0 to 1 of the requests.
 */
export function compileMirror(target: Stage, share: number, next: Stage, random: () => number = Math.random): Stage {
  let under = 0;
  return (request, passage) => {
    if (request.upgrade !== undefined || under >= most || (share < 1 && random() >= share))
      return next(request, passage);
    const copy = copyOf(request);
    under++;
    setImmediate(() => void send(target, copy, passage).finally(() => under--));
    return next(request, passage);
  };
}

function copyOf(request: HttpRequest): HttpRequest {
  const copy: HttpRequest = { ...request, headers: [...request.headers] };
  if (isStream(request.body)) {
    const tee = new Tee(request.body);
    request.body = tee;
    copy.body = tee.copy;
  }
  return copy;
}

/** It goes on when the request itself has ended, but not for ever. Never rejects: nobody is interested. */
async function send(target: Stage, request: HttpRequest, { remoteAddress, port, path }: Passage): Promise<void> {
  const exchange = new Exchange(remoteAddress, performance.now());
  const timer = setTimeout(() => {
    exchange.abort(new BandstandError("backend-timeout", `the mirror did not answer within ${patience} ms`));
  }, patience);
  try {
    const { body } = await target(request, new Passage(exchange, port, path));
    if (!isStream(body)) return;
    let left = read;
    for (let piece = await body.read(); piece !== undefined; piece = await body.read()) {
      left -= piece.length;
      if (left < 0) return body.cancel();
    }
  } catch {
    if (isStream(request.body)) request.body.cancel();
  } finally {
    clearTimeout(timer);
  }
}

/** A body for its reader at that reader's pace, and a copy of what was read. */
class Tee implements BodyStream {
  readonly copy: BodyQueue;
  readonly #source: BodyStream;

  constructor(source: BodyStream) {
    this.#source = source;
    this.copy = new BodyQueue({ length: source.length, highWater: waiting });
  }

  get length(): number | undefined {
    return this.#source.length;
  }

  get trailers(): RawHeaders | undefined {
    return this.#source.trailers;
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const next = this.#source.read();
    return next instanceof Promise ? this.#later(next) : this.#pass(next);
  }

  cancel(reason?: unknown): void {
    this.copy.fail(new BandstandError("client-gone", "the request was not read to its end"));
    this.#source.cancel(reason);
  }

  async #later(next: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    try {
      return this.#pass(await next);
    } catch (error) {
      this.copy.fail(error);
      throw error;
    }
  }

  #pass(piece: Uint8Array | undefined): Uint8Array | undefined {
    if (piece === undefined) this.copy.end(this.#source.trailers);
    // A piece that is given back once is not given to two.
    else if (!this.copy.push(isInPlace(piece) ? Buffer.copyBytesFrom(piece) : piece))
      this.copy.fail(new BandstandError("overloaded", "the mirror reads too slowly"));
    return piece;
  }
}
