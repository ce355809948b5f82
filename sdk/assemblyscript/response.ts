import { IncomingBody } from "./body";
import { Headers } from "./headers";
import { Pump } from "./pump";
import { decodeUtf8, utf8 } from "./utf8";

/** What a handler answers: a whole body of its own, or one that came from elsewhere and is passed through. */
export class Response {
  status: i32;
  headers: Headers;
  /** The body where it is the component's own. */
  content: Uint8Array | null = null;
  /** The body where it came from the next stage; streamed unless it is read. */
  incoming: IncomingBody | null = null;
  /** What was read of it already and goes ahead. */
  ahead: Uint8Array | null = null;
  /** The request's body, where it is still on its way to the next stage. */
  upload: Pump | null = null;

  constructor(status: i32, headers: Headers = new Headers()) {
    this.status = status;
    this.headers = headers;
  }

  static bytes(content: Uint8Array, contentType: string, status: i32 = 200): Response {
    const response = new Response(status);
    response.headers.set("content-type", contentType);
    response.content = content;
    return response;
  }

  static text(text: string, status: i32 = 200): Response {
    return Response.bytes(utf8(text), "text/plain; charset=utf-8", status);
  }

  static json(text: string, status: i32 = 200): Response {
    return Response.bytes(utf8(text), "application/json", status);
  }

  /**
   * The whole body; null where it is larger than `limit` bytes. A larger one is not lost: unless it gets
   * new content, the response still goes out with it. A sender that broke off makes this response a 502.
   */
  readBytes(limit: i32): Uint8Array | null {
    const incoming = this.incoming;
    if (incoming === null) return this.content;
    const bytes = incoming.read(limit);
    if (incoming.broken) {
      this.status = 502;
      this.setText("the body broke off\n");
      return null;
    }
    if (incoming.ended) {
      incoming.drop();
      this.incoming = null;
      this.content = bytes;
      return bytes;
    }
    this.ahead = bytes;
    return null;
  }

  /** The same as text; null where it is not UTF-8, too. */
  readText(limit: i32): string | null {
    const bytes = this.readBytes(limit);
    return bytes === null ? null : decodeUtf8(bytes);
  }

  /** Another body; the headers that described the old one's bytes go. */
  setContent(content: Uint8Array): void {
    const incoming = this.incoming;
    if (incoming !== null) incoming.drop();
    this.incoming = null;
    this.ahead = null;
    this.content = content;
    this.headers.delete("content-length");
    this.headers.delete("content-encoding");
    this.headers.delete("etag");
    this.headers.delete("digest");
    this.headers.delete("content-digest");
  }

  setText(text: string): void {
    this.setContent(utf8(text));
  }
}
