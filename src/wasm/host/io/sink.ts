import type { Piece } from "./source.ts";

/** Where an `output-stream` puts its bytes. */
export interface OutputSink {
  /** Why it takes no more, where that is an error. */
  readonly failure: unknown;
  /** Bytes that it takes now; undefined: closed or broken. */
  room(): number | undefined;
  /** Takes bytes of the guest's memory, which are only there during the call. */
  write(bytes: Buffer): void;
  /** Takes a piece that it may keep and that the guest never saw. */
  push(piece: Piece): void;
  /** What was written is on its way, as far as the guest has to wait for that. */
  flushed(): boolean;
}
