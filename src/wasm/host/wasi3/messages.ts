import type { Body } from "../../../foundation/http/index.ts";
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
    return {
      length: body.length,
      get trailers() {
        return body.trailers;
      },
      read: () => {
        const piece = body.read();
        if (piece === undefined) sent.settle(undefined);
        if (!(piece instanceof Promise)) return piece;
        return piece.then((found) => {
          if (found === undefined) sent.settle(undefined);
          return found;
        });
      },
      cancel: (reason) => {
        sent.settle({ name: "connection-terminated" });
        body.cancel(reason);
      },
    };
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
