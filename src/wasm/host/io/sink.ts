import type { Piece } from "./source.ts";

/** Where an `output-stream` puts its bytes. */
export interface OutputSink {
  /** Why it takes no more, where that is an error. */
  readonly failure: unknown;
  /** Bytes that it takes now; undefined: closed or broken. */
  room(): number | undefined;
  /**
   * Takes bytes which are only there during the call, like those of the guest's memory.
   * @param unseen they pass by the guest, and do not count as written by it.
   */
  write(bytes: Buffer, unseen?: boolean): void;
  /** As `write`, for a short piece that it may keep. Where there is none, `write` is asked. */
  keep?(piece: Uint8Array): void;
  /** Takes a piece that it may keep and that the guest never saw. */
  push(piece: Piece): void;
  /** What was written is on its way, as far as the guest has to wait for that. */
  flushed(): boolean;
}
