import * as abi from "./abi";
import { IncomingBody } from "./body";
import { Headers } from "./headers";
import { area, takeOptional, takeString } from "./memory";
import { decodeUtf8 } from "./utf8";

export const METHODS: StaticArray<string> = [
  "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
]; // prettier-ignore

/** The request as the stage before sent it. Nothing is read before it is asked for. */
export class Request {
  private cachedMethod: string | null = null;
  private cachedTarget: string | null = null;
  private cachedHeaders: Headers | null = null;

  constructor(readonly handle: i32) {}

  get method(): string {
    if (this.cachedMethod === null) {
      abi.requestMethod(this.handle, area);
      const kind = load<u8>(area);
      this.cachedMethod = kind < 9 ? METHODS[kind] : takeString(area + 4);
    }
    return this.cachedMethod!;
  }

  /** Path and query as they came: `/orders?page=2`. */
  get target(): string {
    if (this.cachedTarget === null) {
      abi.requestTarget(this.handle, area);
      const target = takeOptional(area);
      this.cachedTarget = target === null ? "/" : target;
    }
    return this.cachedTarget!;
  }

  /** The part of the target before the query. */
  get path(): string {
    const query = this.target.indexOf("?");
    return query < 0 ? this.target : this.target.substring(0, query);
  }

  get authority(): string {
    abi.requestAuthority(this.handle, area);
    const authority = takeOptional(area);
    return authority === null ? "" : authority;
  }

  get scheme(): string {
    abi.requestScheme(this.handle, area);
    if (load<u8>(area) == 0) return "http";
    const kind = load<u8>(area, 4);
    return kind == 0 ? "http" : kind == 1 ? "https" : takeString(area + 8);
  }

  /** A copy that may be changed; `next` sends it on. */
  get headers(): Headers {
    if (this.cachedHeaders === null) {
      const fixed = abi.requestHeaders(this.handle);
      this.cachedHeaders = new Headers(abi.fieldsClone(fixed));
      abi.fieldsDrop(fixed);
    }
    return this.cachedHeaders!;
  }

  /** The whole body; null where it is larger than `limit` bytes, broke off, or was taken before. */
  bytes(limit: i32): Uint8Array | null {
    const body = this.takeBody();
    if (body === null) return null;
    const bytes = body.read(limit);
    body.drop();
    return body.ended && bytes.length <= limit ? bytes : null;
  }

  /** The same as text; null where it is not UTF-8, too. */
  text(limit: i32): string | null {
    const bytes = this.bytes(limit);
    return bytes === null ? null : decodeUtf8(bytes);
  }

  /** The body unread; null where it was taken before. */
  takeBody(): IncomingBody | null {
    abi.requestConsume(this.handle, area);
    return IncomingBody.from(area);
  }
}
