/** What a call of a socket, or a resolver, may fail with: the words of WASI 0.2 and 0.3 together. */
export type SocketErrorCode =
  | "unknown"
  | "access-denied"
  | "not-supported"
  | "invalid-argument"
  | "out-of-memory"
  | "timeout"
  | "concurrency-conflict"
  | "not-in-progress"
  | "would-block"
  | "invalid-state"
  | "new-socket-limit"
  | "address-not-bindable"
  | "address-in-use"
  | "remote-unreachable"
  | "connection-refused"
  | "connection-broken"
  | "connection-reset"
  | "connection-aborted"
  | "datagram-too-large"
  | "name-unresolvable"
  | "temporary-resolver-failure"
  | "permanent-resolver-failure";

/** A call of a guest that failed; the guest gets the code. */
export class SocketError extends Error {
  readonly code: SocketErrorCode;

  constructor(code: SocketErrorCode, message: string = code) {
    super(message);
    this.code = code;
  }
}

const codes: Record<string, SocketErrorCode> = {
  EACCES: "access-denied",
  EPERM: "access-denied",
  EADDRINUSE: "address-in-use",
  EADDRNOTAVAIL: "address-not-bindable",
  ETIMEDOUT: "timeout",
  EPIPE: "connection-broken",
  ECONNREFUSED: "connection-refused",
  ECONNRESET: "connection-reset",
  ECONNABORTED: "connection-aborted",
  EINVAL: "invalid-argument",
  EHOSTUNREACH: "remote-unreachable",
  EHOSTDOWN: "remote-unreachable",
  ENETDOWN: "remote-unreachable",
  ENETUNREACH: "remote-unreachable",
  ENONET: "remote-unreachable",
  EISCONN: "invalid-state",
  ENOTCONN: "invalid-state",
  EDESTADDRREQ: "invalid-state",
  EMSGSIZE: "datagram-too-large",
  ENOMEM: "out-of-memory",
  ENOBUFS: "out-of-memory",
  EMFILE: "new-socket-limit",
  ENFILE: "new-socket-limit",
  EOPNOTSUPP: "not-supported",
  EAFNOSUPPORT: "not-supported",
  ENOPROTOOPT: "not-supported",
  EPROTONOSUPPORT: "not-supported",
  ENOTFOUND: "name-unresolvable",
  ENODATA: "name-unresolvable",
  EAI_NONAME: "name-unresolvable",
  EAI_NODATA: "name-unresolvable",
  EAI_AGAIN: "temporary-resolver-failure",
  EAI_FAIL: "permanent-resolver-failure",
};

/** What Node reports, in WASI's words. */
export function socketError(error: unknown): SocketError {
  if (error instanceof SocketError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new SocketError(codes[code ?? ""] ?? "unknown", message);
}
