/** What a connection may cost and how slow it may be. Bytes and milliseconds. */
export interface ConnectionLimits {
  headBytes: number;
  headers: number;
  /** From the first byte of a head to its end. */
  headTimeout: number;
  /** Between two pieces of a request's body, and while the client does not take a response. */
  stallTimeout: number;
  /** Between two requests. */
  idleTimeout: number;
}

export const defaultLimits: ConnectionLimits = {
  headBytes: 32 * 1024,
  headers: 256,
  headTimeout: 10_000,
  stallTimeout: 30_000,
  idleTimeout: 75_000,
};
