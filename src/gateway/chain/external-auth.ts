import { BandstandError } from "../../foundation/errors/index.ts";
import {
  isStream,
  type Body,
  type BodyStream,
  type HttpRequest,
  type HttpResponse,
  type RawHeaders,
} from "../../foundation/http/index.ts";
import type { ExternalAuthPlan } from "../../model/plan/index.ts";
import { withoutHopByHop } from "../http1/hop-by-hop.ts";
import { Exchange } from "../listener/exchange.ts";
import { ownAnswer } from "./answer.ts";
import { discard } from "./discard.ts";
import { Passage, type Stage } from "./passage.ts";

/** Who authorizes has so long to begin its answer. Milliseconds. */
const patience = 10_000;

/**
 * ExternalAuth by HTTP (GEP-1494): another server is asked first, by a request of its own with the method, host and path
 * of this one. 200 lets it go on, with what the answer's headers say; 300 to 499 is the client's answer as it came; everything
 * else, silence too, lets nobody through.
 */
export function compileExternalAuth(plan: ExternalAuthPlan, target: Stage, next: Stage): Stage {
  const shown = new Set(["authorization", ...plan.requestHeaders]);
  const taken = plan.responseHeaders.length === 0 ? undefined : new Set(plan.responseHeaders);
  return async (request, passage) => {
    const body = plan.maxBody > 0 ? await readAhead(request, plan.maxBody) : new Uint8Array();
    const answer = await ask(target, questionOf(request, plan.path, shown, body), passage);
    const { status } = answer;
    if (status === 200) {
      discard(answer);
      request.headers = merged(request.headers, answer.headers, taken);
      return next(request, passage);
    }
    if (status >= 300 && status < 500) return answer;
    discard(answer);
    if (status < 300) return ownAnswer(403, "not-authorized", "the request is not authorized", passage.id);
    throw new BandstandError("backend-broken", `who authorizes answered ${status}`);
  };
}

function questionOf(
  { method, scheme, authority, target, headers }: HttpRequest,
  path: string,
  shown: ReadonlySet<string>,
  body: Uint8Array,
): HttpRequest {
  const kept: RawHeaders = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (shown.has(name.toLowerCase())) kept.push(name, headers[index + 1] as string);
  }
  return { method, scheme, authority, target: path + target, headers: kept, body };
}

/** Asks again where a connection broke: nothing is done by asking. It ends with the request that it is about. */
export async function ask(target: Stage, question: HttpRequest, outer: Passage): Promise<HttpResponse> {
  // Informational answers, the endpoint and the time until the head are its own.
  const exchange = new Exchange(outer.remoteAddress, outer.exchange.started);
  outer.onAbort((reason) => exchange.abort(reason));
  const late = (): void =>
    exchange.abort(new BandstandError("backend-timeout", `who authorizes did not answer within ${patience} ms`));
  const timer = setTimeout(late, patience);
  const send = async (): Promise<HttpResponse> =>
    target({ ...question, headers: [...question.headers] }, new Passage(exchange, outer.port, outer.path));
  try {
    return await send().catch((error: unknown) => {
      const lost = error instanceof BandstandError && lostConnections.has(error.code) && !exchange.aborted;
      if (lost) return send();
      throw error;
    });
  } finally {
    clearTimeout(timer);
  }
}

const lostConnections: ReadonlySet<string> = new Set(["backend-unreachable", "backend-reset"]);

/** Of an answer these speak of its own body and not of the request. */
export const ofItself = /^(?:host|content-.*|trailer)$/i;

function merged(headers: RawHeaders, given: RawHeaders, taken: ReadonlySet<string> | undefined): RawHeaders {
  const added: RawHeaders = [];
  const names = new Set<string>();
  const all = withoutHopByHop(given);
  for (let index = 0; index < all.length; index += 2) {
    const name = (all[index] as string).toLowerCase();
    if (ofItself.test(name) || taken?.has(name) === false) continue;
    names.add(name);
    added.push(name, all[index + 1] as string);
  }
  return names.size === 0 ? headers : [...without(headers, names), ...added];
}

/** Headers but those of these names. @param names in lower case. */
export function without(headers: RawHeaders, names: ReadonlySet<string>): RawHeaders {
  if (names.size === 0) return headers;
  return headers.filter((_text, index) => !names.has((headers[index - (index % 2)] as string).toLowerCase()));
}

/** Reads all of a body, and leaves it to be read again. Throws `request-too-large` for one of more bytes. */
export async function readAhead(request: HttpRequest, most: number): Promise<Uint8Array> {
  const { body } = request;
  const pieces = await piecesOf(body, most, () => {
    return new BandstandError("request-too-large", `the body is longer than the ${most} bytes that this route takes`);
  });
  if (!isStream(body)) return pieces[0] as Uint8Array;
  request.body = new ReadBody(body, pieces);
  // A copy: whoever reads the body again gives its pieces back, and who is asked with it may still be sent them.
  return Buffer.concat(pieces);
}

/** All of a body. @param tooLong what is thrown where it has more bytes than `most`. */
export async function piecesOf(body: Body, most: number, tooLong: () => Error): Promise<Uint8Array[]> {
  if (!isStream(body)) {
    const whole = typeof body === "string" ? Buffer.from(body, "latin1") : (body ?? new Uint8Array());
    if (whole.length > most) throw tooLong();
    return [whole];
  }
  if ((body.length ?? 0) > most) throw tooLong();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let piece = await body.read(); piece !== undefined; piece = await body.read()) {
    size += piece.length;
    if (size > most) throw tooLong();
    pieces.push(piece);
  }
  return pieces;
}

/** A stream that was read to its end, from its beginning again, with its trailers. */
class ReadBody implements BodyStream {
  readonly #source: BodyStream;
  #pieces: Uint8Array[];

  constructor(source: BodyStream, pieces: Uint8Array[]) {
    this.#source = source;
    this.#pieces = pieces;
  }

  get length(): number | undefined {
    return this.#source.length;
  }

  get trailers(): RawHeaders | undefined {
    return this.#source.trailers;
  }

  read(): Uint8Array | undefined {
    return this.#pieces.shift();
  }

  cancel(reason?: unknown): void {
    this.#pieces = [];
    this.#source.cancel(reason);
  }
}
