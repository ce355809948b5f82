import { isIP, type LookupFunction } from "node:net";
import type { SecureContext } from "node:tls";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse } from "../../../foundation/http/index.ts";
import { Connection, type ConnectionOwner } from "../http1/connection.ts";
import { ReadAhead } from "../places/read-ahead.ts";
import { originOf } from "./grants.ts";
import type { Sent } from "./origin.ts";
import { late } from "./patience.ts";

/** What a connection for one request needs. */
interface How {
  lookup: LookupFunction;
  secureContext: SecureContext;
  /** Milliseconds until a connection counts as refused. */
  connect: number;
}

const owner: ConnectionOwner = {
  // Nobody waits for its place.
  readAhead: new ReadAhead(0),
  idle: (connection) => connection.close(),
  closed: () => {},
  switched: () => {},
};

/**
 * A request on a connection of its own, its head sent before anything of its body is there: a guest may write the body only
 * after it has the answer's head, as those do that pass on both ways.
 */
export function sendAlone(request: HttpRequest, how: How): Sent {
  let connection: Connection | undefined;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (reason: BandstandError): void => {
    reject(reason);
    connection?.abort(reason);
  };
  const use = (made: Connection): void => void (connection = made);
  // What is aborted while a name is looked up connects to nobody.
  const response = Promise.race([send(request, how, use, promise), promise]);
  return { response, abort };
}

async function send(
  request: HttpRequest,
  { lookup, secureContext, connect }: How,
  use: (connection: Connection) => void,
  aborted: Promise<never>,
): Promise<HttpResponse> {
  const { scheme, host, port } = originOf(request.scheme, request.authority)!;
  const addresses = await Promise.race([aborted, addressesOf(host, lookup, connect)]);
  const secure = { secureContext, ALPNProtocols: ["http/1.1"], ...(isIP(host) === 0 && { servername: host }) };
  let failure: unknown;
  for (const address of addresses) {
    const made = new Connection(address, port, owner, connect, scheme === "https" ? secure : undefined);
    use(made);
    try {
      return await made.send({ ...request, headers: withoutExpect(request.headers) });
    } catch (error) {
      failure = error;
      // Nothing was sent: another address of the same name may answer.
      if (!(error instanceof BandstandError) || error.code !== "backend-unreachable") throw error;
    }
  }
  const isLate = failure instanceof BandstandError && failure.cause === undefined;
  throw isLate ? tooLate(connect) : failure;
}

function withoutExpect(headers: readonly string[]): string[] {
  return headers.filter((_, index) => headers[index & ~1]!.toLowerCase() !== "expect");
}

function addressesOf(host: string, lookup: LookupFunction, connect: number): Promise<string[]> {
  if (isIP(host) !== 0) return Promise.resolve([host]);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooLate(connect)), connect);
    lookup(host, { all: true }, (error, found) => {
      clearTimeout(timer);
      if (error === null)
        return resolve([found].flat().map((each) => (typeof each === "string" ? each : each.address)));
      const isOurs = error instanceof BandstandError;
      reject(isOurs ? error : new BandstandError("backend-unreachable", messageOf(error), { cause: error }));
    });
  });
}

/** As the system would say it, so that a guest can tell it from an answer that does not come. */
export function tooLate(milliseconds: number): BandstandError {
  const cause = Object.assign(new Error("timed out"), { code: "ETIMEDOUT" });
  return late(`no connection within ${milliseconds} ms`, cause);
}
