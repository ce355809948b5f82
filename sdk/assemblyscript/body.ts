import * as abi from "./abi";
import { area, takeBytes } from "./memory";

/** A body that came in: read whole, or passed on unread. */
export class IncomingBody {
  /** The sender came to its end. */
  ended: bool = false;
  /** The sender broke off. */
  broken: bool = false;

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

  /** Reads on to the end, or until there are more than `limit` bytes; `ended` and `broken` tell how it went. */
  read(limit: i32): Uint8Array {
    let room = new Uint8Array(0);
    let used = 0;
    while (used <= limit) {
      abi.inputBlockingRead(this.stream, 65536, area);
      if (load<u8>(area) != 0) {
        this.ended = streamEnded(area);
        this.broken = !this.ended;
        break;
      }
      const piece = takeBytes(area + 4);
      if (used + piece.length > room.length) {
        const larger = new Uint8Array(used == 0 ? piece.length : (used + piece.length) * 2);
        larger.set(room.subarray(0, used));
        room = larger;
      }
      room.set(piece, used);
      used += piece.length;
    }
    return room.subarray(0, used);
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
