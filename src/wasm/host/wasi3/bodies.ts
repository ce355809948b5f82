import { BandstandError } from "../../../foundation/errors/index.ts";
import type { Body, BodyStream, RawHeaders } from "../../../foundation/http/index.ts";
import { isStream } from "../../../foundation/http/index.ts";
import { FutureReader, HostBytes, HostFuture, Pipe, Slot, StreamReader } from "../../async/index.ts";
import type { FutureOrigin } from "../../async/index.ts";
import type { Element } from "../contract.ts";
import type { Guest } from "../guest.ts";
import { Content, type Writer } from "../http/content.ts";
import {
  carriesText,
  errorCodeSize,
  errorFromGuest,
  httpErrorOf,
  putErrorCode,
  WrongLength,
} from "../http/error-code.ts";
import type { HttpError, LengthError } from "../http/error-code.ts";
import { declaredLength, Fields } from "../http/fields.ts";
import type { Exchange } from "../http/exchange.ts";
import { openBody } from "../http/resources.ts";
import type { InputSource } from "../io/index.ts";
import { wrongCase } from "../http/values.ts";
import type { Handles } from "../handles.ts";
import type { GuestMemory } from "../memory.ts";
import { takeStream } from "./hand-over.ts";
import type { Message, Response, Sent } from "./messages.ts";

/** A `result` of what fits beside an error-code, which begins at 8. */
const resultElement: Element = { size: 8 + errorCodeSize, align: 8, plain: false };
const byteElement: Element = { size: 1, align: 1, plain: true };

/** What came of trailers: none, some, or an error in their place. */
type Found = { list: RawHeaders | undefined } | { error: unknown };

/** The trailers of a body that the guest reads. */
class Trailers extends HostFuture<Found> {
  protected override put(memory: GuestMemory, at: number, found: Found, handles: Handles): void {
    const { view } = memory;
    view.setUint8(at, "error" in found ? 1 : 0);
    if ("error" in found) return putErrorCode(memory, at + 8, httpErrorOf(found.error));
    view.setUint8(at + 8, found.list === undefined ? 0 : 1);
    if (found.list === undefined) return;
    view.setUint32(at + 12, handles.add(Fields.received({ headers: found.list })), true);
  }
}

/** A body that the guest reads, or passes on. */
class BodyBytes extends HostBytes {
  readonly trailers: Trailers;
  /** The rest of it is the host's again, and outlives the guest's request. */
  isRelayed = false;
  /** Called when nobody will read of it any more. */
  onEnd: (() => void) | undefined;
  readonly #guest: Guest;
  readonly #counts: Exchange | undefined;
  #release: () => void = nothing;

  /** @param counts what the guest takes of it. */
  constructor(guest: Guest, body: Body, counts: Exchange | undefined) {
    super(body);
    this.#guest = guest;
    this.#counts = counts;
    this.trailers = new Trailers(resultElement);
  }

  protected override open(onReady: () => void): InputSource {
    const source = openBody(this.body, this.#counts, onReady);
    if (isStream(this.body)) {
      const close = (reason: BandstandError): void => {
        if (this.isRelayed) return;
        source.close(reason);
        this.cut();
      };
      const { exchange } = this.#guest;
      const closing = { close };
      exchange?.keep(closing);
      const release = (): void => exchange?.release(closing);
      this.#release = release;
    }
    return source;
  }

  protected override ended(error: unknown): void {
    const { body } = this;
    this.#release();
    this.#guest.exchange?.unread(error);
    this.onEnd?.();
    this.trailers.settle(error === undefined ? { list: isStream(body) ? body.trailers : undefined } : { error });
  }
}

/** Tells a guest how a body got through. */
class SentFuture extends HostFuture<HttpError | undefined> {
  protected override put(memory: GuestMemory, at: number, error: HttpError | undefined): void {
    memory.view.setUint8(at, error === undefined ? 0 : 1);
    if (error !== undefined) putErrorCode(memory, at + 8, error);
  }
}

/** The readable end of a future as a guest's handle. */
export function addFuture(guest: Guest, future: FutureOrigin): number {
  const reader = new FutureReader(guest.tasks, resultElement, future);
  return (reader.handle = guest.handles.add(reader));
}

function fail(guest: Guest, message: string): never {
  throw guest.fail("component-trapped", message);
}

/** Takes a future of a result with an error-code from the guest. */
export function takeFuture(guest: Guest, handle: number): FutureReader {
  const reader = guest.handles.get<FutureReader>(handle, "future-reader");
  const { size, align } = reader.element;
  if (size !== resultElement.size || align !== resultElement.align || reader.isCopying || reader.isDone) {
    fail(guest, `future ${handle} cannot be handed over`);
  }
  if (reader.isInSet) fail(guest, `future ${handle} is handed over while a set waits for it`);
  return guest.handles.take<FutureReader>(handle, "future-reader");
}

/** What the guest says of a body that it read changes nothing. */
export function ignoreFuture(guest: Guest, handle: number): void {
  const { origin } = takeFuture(guest, handle);
  if (origin instanceof Slot) origin.attach(() => {});
}

/** `consume-body`: a stream and the future of the trailers, both handles at `result`. */
export function putBody(
  guest: Guest,
  memory: GuestMemory,
  { body, sent }: Message,
  result: number,
  counts: Exchange | undefined,
  from?: Response,
): void {
  const at = memory.at(result, 8, 4);
  const bytes = new BodyBytes(guest, body, counts);
  bytes.passOn = from?.passOn;
  bytes.onEnd = from?.onEnd;
  sent?.settle(undefined);
  const reader = new StreamReader(guest.tasks, byteElement, bytes);
  reader.handle = guest.handles.add(reader);
  const future = addFuture(guest, bytes.trailers);
  const { view } = memory;
  view.setUint32(at, reader.handle, true);
  view.setUint32(at + 4, future, true);
}

function trailersAt(guest: Guest, memory: GuestMemory, at: number, handles: Handles): Found {
  const { view } = memory;
  if (view.getUint8(at) !== 0) return { error: errorAt(guest, memory, at + 8) };
  if (view.getUint8(at + 8) === 0) return { list: undefined };
  return { list: handles.take<Fields>(view.getUint32(at + 12, true), "fields").list };
}

function errorAt(guest: Guest, memory: GuestMemory, at: number): BandstandError {
  const { view } = memory;
  const place = view.getUint8(at);
  const hasText = carriesText(place) && view.getUint8(at + 8) !== 0;
  const text = hasText ? memory.text(view.getUint32(at + 12, true), view.getUint32(at + 16, true)) : undefined;
  return errorFromGuest(place, text) ?? wrongCase(guest, "error-code", place);
}

function whenFound(guest: Guest, { origin }: FutureReader, done: (found: Found) => void): void {
  if (origin instanceof Trailers) origin.onSettled(done);
  else if (origin instanceof Slot) origin.attach((memory, at, handles) => done(trailersAt(guest, memory, at, handles)));
  else fail(guest, "gave a future of something else as trailers");
}

/** What a message that a guest makes consists of. */
export interface Parts {
  fields: Fields;
  /** A handle; undefined: no body. */
  stream: number | undefined;
  trailers: number;
  /** The case of an error where its length is wrong. */
  lengthError: LengthError;
  /** Counts what the guest writes; throws where that is too much. Undefined: it is no body of the request in hand. */
  writer: Writer | undefined;
}

/** The body of a message that a guest makes; one of the host that the guest passes on is passed on as it is. */
export function bodyOf(guest: Guest, parts: Parts): { body: Body; sent: Sent; flaw: BandstandError | undefined } {
  const sent = new SentFuture(resultElement);
  const declared = declaredLength(parts.fields);
  const isInvalid = declared === "invalid";
  const length = isInvalid ? undefined : declared;
  const flaw = isInvalid
    ? new BandstandError("component-no-answer", "set a content-length that is not one number")
    : undefined;
  const origin = parts.stream === undefined ? undefined : takeStream(guest, parts.stream);
  const trailers = takeFuture(guest, parts.trailers);
  if (origin instanceof HostBytes) {
    origin.passOn?.();
    // What another component of the same wrote has the length that its message declared, and no other message.
    const isPlain = origin instanceof BodyBytes && !(origin.body instanceof Content);
    const isWhole = isPlain && trailers.origin === origin.trailers && origin.isUntouched;
    if (origin instanceof BodyBytes) origin.isRelayed = true;
    return { body: isWhole ? origin.body : relay(guest, origin, trailers, length), sent, flaw };
  }
  return { body: content(guest, origin, trailers, length, parts, sent), sent, flaw };
}

function content(
  guest: Guest,
  pipe: Pipe | undefined,
  trailers: FutureReader,
  length: number | undefined,
  { writer, lengthError }: Parts,
  sent: Sent,
): Content {
  const notify = (): void => {
    try {
      pipe?.flush();
    } catch (error) {
      guest.end(error as BandstandError);
    }
    if (made.failure instanceof WrongLength) sent.settle(made.failure.told);
    if (made.unwanted) sent.settle({ name: "connection-terminated" });
  };
  const counted = { notify, wrote: (bytes: number) => writer?.wrote(bytes), backlog: writer?.backlog };
  const made = new Content(length, counted, lengthError);
  made.mayBeShort = lengthError === "HTTP-response-body-size" && guest.exchange?.request.method === "HEAD";
  made.stays();
  let isClosed = pipe === undefined;
  let found: Found | undefined;
  const finish = (): void => {
    if (!isClosed || found === undefined) return;
    if ("error" in found) return made.break(found.error);
    const wrong = made.finish(found.list);
    if (wrong !== undefined) sent.settle({ name: lengthError, size: wrong });
  };
  whenFound(guest, trailers, (value) => {
    found = value;
    finish();
  });
  pipe?.attach(made, () => {
    isClosed = true;
    finish();
  });
  return made;
}

/** What came of trailers that outlive nothing of the guest: an error where it ends without having written them. */
function foundOrEnded(guest: Guest, future: FutureReader): Promise<Found> {
  return new Promise((resolve) => {
    const { exchange } = guest;
    const closing = { close: () => resolve({ error: guest.unfinished() }) };
    if (future.origin instanceof Slot) exchange?.keep(closing);
    whenFound(guest, future, (found) => {
      exchange?.release(closing);
      resolve(found);
    });
  });
}

/** Bytes of the host with trailers of the guest behind them. */
function relay(guest: Guest, bytes: HostBytes, future: FutureReader, length: number | undefined): BodyStream {
  let list: RawHeaders | undefined;
  const found = foundOrEnded(guest, future);
  const end = async (): Promise<undefined> => {
    const value = await found;
    if ("error" in value) throw value.error;
    list = value.list;
    return undefined;
  };
  return {
    length,
    get trailers() {
      return list;
    },
    read: () => {
      const piece = bytes.pull();
      if (piece instanceof Promise) return piece.then((next) => next ?? end());
      return piece ?? end();
    },
    cancel: () => bytes.closeReader(),
  };
}

function nothing(): void {}
