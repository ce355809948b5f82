import * as abi from "./abi";
import { area, takeBytes } from "./memory";

/** A body that came in: read whole, or passed on unread. */
export class IncomingBody {
  private constructor(
    readonly body: i32,
    readonly stream: i32,
  ) {}

  /** `consumed` is where `consume` left its result: result<incoming-body>. */
  static from(consumed: usize): IncomingBody | null {
    if (load<u8>(consumed) != 0) return null;
    const body = load<i32>(consumed, 4);
    abi.incomingBodyStream(body, area);
    if (load<u8>(area) != 0) {
      abi.incomingBodyDrop(body);
      return null;
    }
    return new IncomingBody(body, load<i32>(area, 4));
  }

  /** All bytes; null where there are more than `limit` or the sender broke off. */
  bytes(limit: i32): Uint8Array | null {
    let whole = new Uint8Array(0);
    while (true) {
      abi.inputBlockingRead(this.stream, 65536, area);
      if (load<u8>(area) != 0) {
        const ended = streamEnded(area);
        this.drop();
        return ended ? whole : null;
      }
      const piece = takeBytes(area + 4);
      if (piece.length > limit - whole.length) {
        this.drop();
        return null;
      }
      whole = whole.length == 0 ? piece : joined(whole, piece);
    }
  }

  drop(): void {
    abi.inputDrop(this.stream);
    abi.incomingBodyDrop(this.body);
  }
}

/** Tells the end of a stream from an error, which is given back. The stream-error stands 4 bytes behind `at`. */
export function streamEnded(at: usize): bool {
  if (load<u8>(at, 4) == 1) return true;
  abi.errorDrop(load<i32>(at, 8));
  return false;
}

/** Writes all of it, waiting while the reader is slow. False once the reader has gone. */
export function writeAll(stream: i32, bytes: Uint8Array): bool {
  let done = 0;
  while (done < bytes.length) {
    abi.outputCheckWrite(stream, area);
    if (load<u8>(area) != 0) {
      // result<u64, stream-error>: the payload is aligned to 8 bytes.
      streamEnded(area + 4);
      return false;
    }
    const permit = load<u64>(area, 8);
    if (permit == 0) {
      wait(abi.outputSubscribe(stream));
      continue;
    }
    const size = <i32>min(permit, <u64>(bytes.length - done));
    abi.outputWrite(stream, bytes.dataStart + done, size, area);
    if (load<u8>(area) != 0) {
      streamEnded(area);
      return false;
    }
    done += size;
  }
  return true;
}

export function wait(pollable: i32): void {
  abi.pollableBlock(pollable);
  abi.pollableDrop(pollable);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
