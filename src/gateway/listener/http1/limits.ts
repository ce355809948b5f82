/** What a connection may cost and how slow it may be. Bytes and milliseconds. */
export interface ConnectionLimits {
  headBytes: number;
  headers: number;
  /** From the first byte of a head to its end. */
  headTimeout: number;
  /** Between two pieces of a request's body, and while the client does not take a response. */
  stallTimeout: number;
  /** For a request's body, besides the time that its bytes take at `bodyRate`. */
  bodyGrace: number;
  /** Bytes a second that bodies come with at least, on average; 0: however slowly. */
  bodyRate: number;
  /** Between two requests. */
  idleTimeout: number;
}

export const defaultLimits: ConnectionLimits = {
  headBytes: 32 * 1024,
  headers: 256,
  headTimeout: 10_000,
  stallTimeout: 30_000,
  bodyGrace: 20_000,
  bodyRate: 500,
  idleTimeout: 75_000,
};
