import { IncomingBody } from "./body";
import { Headers } from "./headers";
import { utf8 } from "./memory";
import { Pump } from "./pump";

/** What a handler answers: a whole body of its own, or one that came from elsewhere and is passed through. */
export class Response {
  status: i32;
  headers: Headers;
  /** The body where it is the component's own. */
  content: Uint8Array | null = null;
  /** The body where it came from the next stage; streamed unless it is read. */
  incoming: IncomingBody | null = null;
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
   * The whole body; null where it is larger than `limit` bytes or broke off. The response has no body
   * any more then: give it a new one with `setContent`.
   */
  readBytes(limit: i32): Uint8Array | null {
    const incoming = this.incoming;
    if (incoming === null) return this.content;
    this.incoming = null;
    return incoming.bytes(limit);
  }

  readText(limit: i32): string | null {
    const bytes = this.readBytes(limit);
    return bytes === null ? null : String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
  }

  /** Another body; the headers that described the old one's bytes go. */
  setContent(content: Uint8Array): void {
    const incoming = this.incoming;
    if (incoming !== null) incoming.drop();
    this.incoming = null;
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
