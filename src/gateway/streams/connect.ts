import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { BandstandError } from "../../foundation/errors/index.ts";
import { secureOptions } from "../upstream/secure.ts";
import type { Place } from "../upstream/service.ts";
import type { StreamTarget } from "./targets.ts";

/** For a connection to a backend. Milliseconds. */
const patience = 5_000;

/** A connection to the target: to another endpoint where the first cannot be reached. Throws `backend-unreachable`. */
export async function connectTo(target: StreamTarget, client: Socket): Promise<Socket> {
  const first = target.upstream.place();
  if (first === undefined) {
    throw new BandstandError("backend-unreachable", `service ${target.upstream.id} has no ready endpoint`);
  }
  try {
    return await open(first, target);
  } catch (error) {
    first.failed(error);
    const other = target.upstream.place(first);
    if (other === undefined || client.destroyed) throw error;
    return open(other, target).catch((again: unknown) => {
      other.failed(again);
      throw again;
    });
  }
}

function open({ endpoint: { host, port } }: Place, { tls, upstream }: StreamTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const options = { host, port, allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
    const socket =
      tls === undefined ? connectTcp(options) : connectTls({ ...options, ...secureOptions(tls, undefined) });
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${patience} ms`)), patience);
    const failed = (cause: Error): void => {
      clearTimeout(timer);
      reject(
        new BandstandError("backend-unreachable", `${host}:${port} of service ${upstream.id}: ${cause.message}`, {
          cause,
        }),
      );
    };
    socket.once("error", failed);
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      clearTimeout(timer);
      socket.off("error", failed);
      resolve(socket);
    });
  });
}
