import { SocketError, type SocketErrorCode } from "../../sockets/index.ts";
import type { ResultDialect } from "../results.ts";

/** What a result holds: nothing, a bool or byte; a handle or `u32`; a `u64`; two or three handles; an address with its port. */
type Holds = "byte" | "number" | "large" | "pair" | "triple" | "endpoint";

/** How a version of WASI writes results of sockets. */
export interface Dialect extends ResultDialect<Holds, SocketError> {
  /** What stands before the name of a property that is read. */
  getter: "" | "get-";
}

/** The cases of `error-code` of WASI 0.2 in order. */
const codes: readonly SocketErrorCode[] = [
  "unknown",
  "access-denied",
  "not-supported",
  "invalid-argument",
  "out-of-memory",
  "timeout",
  "concurrency-conflict",
  "not-in-progress",
  "would-block",
  "invalid-state",
  "new-socket-limit",
  "address-not-bindable",
  "address-in-use",
  "remote-unreachable",
  "connection-refused",
  "connection-reset",
  "connection-aborted",
  "datagram-too-large",
  "name-unresolvable",
  "temporary-resolver-failure",
  "permanent-resolver-failure",
];

/** The number of an error in 0.2, which has no word for a connection that takes no more. */
export function numberOf(code: SocketErrorCode): number {
  return Math.max(codes.indexOf(code === "connection-broken" ? "connection-reset" : code), 0);
}

export const wasi2: Dialect = {
  getter: "",
  layouts: {
    byte: { size: 2, align: 1, payload: 1 },
    number: { size: 8, align: 4, payload: 4 },
    large: { size: 16, align: 8, payload: 8 },
    pair: { size: 12, align: 4, payload: 4 },
    triple: { size: 16, align: 4, payload: 4 },
    endpoint: { size: 36, align: 4, payload: 4 },
  },
  told: { kind: SocketError, put: ({ view }, at, { code }) => view.setUint8(at, numberOf(code)) },
};
