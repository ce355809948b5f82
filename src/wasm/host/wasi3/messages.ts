import type { Body, BodySink, BodyStream, RawHeaders } from "../../../foundation/http/index.ts";
import { isStream } from "../../../foundation/http/index.ts";
import type { BandstandError } from "../../../foundation/errors/index.ts";
import type { HostFuture } from "../../async/index.ts";
import { Resource } from "../handles.ts";
import { Content } from "../http/content.ts";
import type { HttpError } from "../http/error-code.ts";
import type { Fields } from "../http/fields.ts";
import type { RequestOptions } from "../http/resources.ts";

/** Tells the guest how its body got through; undefined: whole. */
export type Sent = HostFuture<HttpError | undefined>;

/** A message, whoever made it. */
export abstract class Message extends Resource {
  readonly fields: Fields;
  readonly body: Body;
  /** Where the guest made it. */
  readonly sent: Sent | undefined;
  /** Why it cannot be sent, whatever becomes of its body. */
  readonly flaw: BandstandError | undefined;
  #isRead = false;

  constructor(fields: Fields, body: Body, made?: { sent: Sent; flaw: BandstandError | undefined }) {
    super();
    this.fields = fields;
    this.body = body;
    this.sent = made?.sent;
    this.flaw = made?.flaw;
  }

  /** The body for who reads it, with the guest told how it got through. Of one that is whole the reader tells, by `went`. */
  outgoing(): Body {
    this.leaves();
    const { body, sent } = this;
    if (body instanceof Content && body.finished && body.trailers === undefined) return body.outgoing();
    if (!isStream(body) || sent === undefined || sent.reader === undefined) return body;
    this.#isRead = true;
    return new ToldBody(body, sent);
  }

  /** It goes to others than components of the same. */
  leaves(): void {
    if (this.body instanceof Content) this.body.leaves();
  }

  /** It got through, or did not: tells the guest, unless it knows already. A body that is still read tells its end itself. */
  went(error?: HttpError): void {
    if (error !== undefined || !this.#isRead) this.sent?.settle(error);
  }

  /** What was never sent ends here; its writer finds it closed. */
  override dropped(): void {
    if (isStream(this.body)) this.body.cancel();
    this.went({ name: "connection-terminated" });
  }
}

export class Request extends Message {
  readonly kind = "request";
  method = "GET";
  target: string | undefined;
  scheme: string | undefined;
  authority: string | undefined;
  options: RequestOptions | undefined;

  /** What the client sends is nobody's to end who does not read it. */
  override dropped(): void {
    if (this.sent !== undefined) super.dropped();
  }
}

export class Response extends Message {
  readonly kind = "response";
  status = 200;
  /** Where it came from elsewhere: called when it becomes the client's, and must outlive the guest's request. */
  passOn: (() => void) | undefined;
  /** Where it came from elsewhere: called when nobody will read of it any more. */
  onEnd: (() => void) | undefined;

  override dropped(): void {
    super.dropped();
    this.onEnd?.();
  }
}

/** A body that tells the guest which sent it how it got through. */
class ToldBody implements BodyStream {
  readonly length: number | undefined;
  readonly #body: BodyStream;
  readonly #sent: Sent;
  #isThrough = false;

  constructor(body: BodyStream, sent: Sent) {
    this.length = body.length;
    this.#body = body;
    this.#sent = sent;
  }

  get trailers(): RawHeaders | undefined {
    return this.#body.trailers;
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const piece = this.#body.read();
    if (piece instanceof Promise) return piece.then((found) => this.#read(found));
    return this.#read(piece);
  }

  #read(piece: Uint8Array | undefined): Uint8Array | undefined {
    if (piece === undefined) this.#sent.settle(undefined);
    return piece;
  }

  flow(sink: BodySink): boolean {
    const told: BodySink = {
      take: (piece, last) => {
        this.#isThrough = last;
        const room = sink.take(piece, last);
        // The guest may run when it is told, and whoever brings the piece is in the middle of something.
        if (last) queueMicrotask(() => this.#sent.settle(undefined));
        return room;
      },
      fail: (error) => sink.fail(error),
    };
    return this.#body.flow?.(told) === true;
  }

  goOn(): void {
    this.#body.goOn?.();
  }

  cancel(reason?: unknown): void {
    if (!this.#isThrough) this.#sent.settle({ name: "connection-terminated" });
    this.#body.cancel(reason);
  }
}
