import { isStream, type BodyStream, type HttpRequest } from "../../../foundation/http/index.ts";

/** Methods of which content has no meaning: a connection that carried some ends with it (RFC 9110, section 9.3.1). */
const bodiless = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "DELETE"]);
/** Milliseconds: who writes a body as it is sent mostly begins sooner. */
const moment = 5;

/**
 * The request without a body where that turns out to be empty. In WASI 0.3 nobody knows of one whose trailers are still to
 * come whether it has any, as of nearly all that have no content; sent as it is, each would need a connection of its own. Who
 * writes its end only once the answer is there is not waited for.
 */
export function withoutEmpty(request: HttpRequest): HttpRequest | Promise<HttpRequest> {
  const { body, method } = request;
  if (!isStream(body) || body.length !== undefined || !bodiless.has(method)) return request;
  let first: Piece;
  try {
    first = body.read();
  } catch (error) {
    return Promise.reject(error);
  }
  const known = (piece: Piece): HttpRequest => {
    const isEmpty = piece === undefined && (body.trailers ?? []).length === 0;
    return { ...request, headers: request.headers, body: isEmpty ? undefined : begun(body, piece) };
  };
  if (!(first instanceof Promise)) return known(first);
  const later = first;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(known(later)), moment);
    const came = (piece: Piece): void => {
      clearTimeout(timer);
      resolve(known(piece));
    };
    later.then(came, () => came(later));
  });
}

/** What a stream answers when it is read. */
type Piece = ReturnType<BodyStream["read"]>;

/** A stream of which the first piece was asked for already. */
function begun(body: BodyStream, first: Piece): BodyStream {
  let next: { piece: Piece } | undefined = { piece: first };
  return {
    length: body.length,
    get trailers() {
      return body.trailers;
    },
    read() {
      const taken = next;
      next = undefined;
      return taken === undefined ? body.read() : taken.piece;
    },
    cancel: (reason) => body.cancel(reason),
  };
}
