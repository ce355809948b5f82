import * as abi from "./abi";
import { IncomingBody } from "./body";
import { Headers } from "./headers";
import { area } from "./memory";
import { utf8 } from "./utf8";
import { Pump, waitForEither } from "./pump";
import { METHODS, Request } from "./request";
import { Response } from "./response";

const HTTP: i32 = 0;
const HTTPS: i32 = 1;

/**
 * Middleware: sends the request on to the next stage, with the headers as they are now and its body
 * streamed behind. Once a request. Answers 502 where the next stage could not be reached.
 */
export function next(request: Request): Response {
  const outgoing = abi.outgoingNew(request.headers.handle);
  setMethod(outgoing, request.method);
  setTarget(outgoing, request.target);
  // No scheme: the next stage sees that of the request in hand.
  setAuthority(outgoing, "next.bandstand.internal");
  const source = request.takeBody();
  if (source === null) return send(outgoing, null);
  // A request without a body must go on without one: an empty body would be framed.
  abi.inputRead(source.stream, 65536, area);
  const ended = load<u8>(area) != 0;
  if (ended) {
    if (load<u8>(area, 4) == 0) abi.errorDrop(load<i32>(area, 8));
    source.drop();
    return send(outgoing, null);
  }
  return send(outgoing, uploadTo(outgoing, source));
}

/** GET of a URL; its origin must be listed among the component's capabilities. */
export function fetch(url: string): Response {
  const secure = url.startsWith("https://");
  const rest = url.substring(secure ? 8 : 7);
  const slash = rest.indexOf("/");
  const outgoing = abi.outgoingNew(abi.fieldsNew());
  setTarget(outgoing, slash < 0 ? "/" : rest.substring(slash));
  abi.outgoingSetScheme(outgoing, 1, secure ? HTTPS : HTTP, 0, 0);
  setAuthority(outgoing, slash < 0 ? rest : rest.substring(0, slash));
  return send(outgoing, null);
}

/** The piece that was just read (its pointer and size stand in the area) goes ahead of the rest. */
function uploadTo(outgoing: i32, source: IncomingBody): Pump {
  const size = load<i32>(area, 8);
  let first: Uint8Array | null = null;
  if (size > 0) {
    const bytes = new Uint8Array(size);
    memory.copy(bytes.dataStart, load<usize>(area, 4), size);
    first = bytes;
  }
  abi.outgoingBody(outgoing, area);
  const body = load<i32>(area, 4);
  abi.outgoingBodyWrite(body, area);
  return new Pump(source, body, load<i32>(area, 4), first);
}

function send(outgoing: i32, upload: Pump | null): Response {
  abi.outgoingHandle(outgoing, 0, 0, area);
  if (load<u8>(area) != 0) return unreachable_(upload);
  const future = load<i32>(area, 8);
  abi.futureGet(future, area);
  while (load<u8>(area) == 0) {
    const pending = upload === null ? 0 : upload.step();
    waitForEither(abi.futureSubscribe(future), pending);
    abi.futureGet(future, area);
  }
  // option<result<result<incoming-response, error-code>>>, each payload 8 bytes behind its discriminant
  const failed = load<u8>(area, 8) != 0 || load<u8>(area, 16) != 0;
  const handle = load<i32>(area, 24);
  abi.futureDrop(future);
  if (failed) return unreachable_(upload);

  const fixed = abi.incomingHeaders(handle);
  const response = new Response(abi.incomingStatus(handle), new Headers(abi.fieldsClone(fixed)));
  abi.fieldsDrop(fixed);
  abi.incomingConsume(handle, area);
  response.incoming = IncomingBody.from(area);
  response.upload = upload;
  abi.incomingDrop(handle);
  return response;
}

function unreachable_(upload: Pump | null): Response {
  if (upload !== null) upload.close(false);
  return Response.text("the next stage did not answer\n", 502);
}

function setMethod(outgoing: i32, method: string): void {
  // What a new request has anyway.
  if (method == "GET") return;
  const text = utf8(method);
  const kind = METHODS.indexOf(method);
  abi.outgoingSetMethod(outgoing, kind < 0 ? 9 : kind, text.dataStart, kind < 0 ? text.length : 0);
}

function setTarget(outgoing: i32, target: string): void {
  const text = utf8(target);
  abi.outgoingSetTarget(outgoing, 1, text.dataStart, text.length);
}

function setAuthority(outgoing: i32, authority: string): void {
  const text = utf8(authority);
  abi.outgoingSetAuthority(outgoing, 1, text.dataStart, text.length);
}
