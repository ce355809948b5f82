import * as abi from "./abi";
import { IncomingBody, streamEnded } from "./body";
import { area } from "./memory";

/** Bytes on their way from a body that came in to one that goes out, without passing through the guest. */
export class Pump {
  private done: bool = false;

  /** `first` was read already and goes ahead. */
  constructor(
    private readonly source: IncomingBody,
    private readonly body: i32,
    private readonly stream: i32,
    private first: Uint8Array | null = null,
  ) {}

  /** Moves what can move now. Answers the pollable to wait for, or 0 at the end. */
  step(): i32 {
    if (this.done) return 0;
    // Some rounds at a time, so that a fast sender does not starve the other direction.
    for (let round = 0; round < 32; round++) {
      abi.outputCheckWrite(this.stream, area);
      if (load<u8>(area) != 0) return this.close(streamEnded(area + 4) && false);
      const permit = load<u64>(area, 8);
      if (permit == 0) break;
      if (this.first !== null) {
        this.writeFirst(permit);
        continue;
      }
      abi.outputSplice(this.stream, this.source.stream, min(permit, <u64>65536), area);
      if (load<u8>(area) != 0) return this.close(streamEnded(area + 4));
      if (load<u64>(area, 8) == 0) return abi.inputSubscribe(this.source.stream);
    }
    return abi.outputSubscribe(this.stream);
  }

  /** All that is left, where there is nothing else to wait for: a host that can moves it without coming back in between. */
  rest(): void {
    while (this.first !== null) {
      const pending = this.step();
      if (pending == 0) return;
      waitForEither(pending, 0);
    }
    do abi.outputBlockingSplice(this.stream, this.source.stream, -1, area);
    while (load<u8>(area) == 0);
    this.close(streamEnded(area + 4));
  }

  private writeFirst(permit: u64): void {
    const first = this.first!;
    const size = <i32>min(permit, <u64>first.length);
    abi.outputWrite(this.stream, first.dataStart, size, area);
    // An error shows again, and is handled, at the next check.
    if (load<u8>(area) != 0) streamEnded(area);
    this.first = size < first.length ? first.subarray(size) : null;
  }

  /** A body that did not come to its end is dropped, not finished: the reader must see that it is cut. */
  close(whole: bool): i32 {
    if (this.done) return 0;
    this.done = true;
    this.source.drop();
    abi.outputDrop(this.stream);
    if (whole) abi.outgoingBodyFinish(this.body, 0, 0, area);
    else abi.outgoingBodyDrop(this.body);
    return 0;
  }
}

/** Waits for either of two pollables (0: none) and gives both back. */
export function waitForEither(one: i32, other: i32): void {
  if (one == 0 && other == 0) return;
  store<i32>(area, one != 0 ? one : other, 16);
  store<i32>(area, other, 20);
  abi.poll(area + 16, one != 0 && other != 0 ? 2 : 1, area);
  heap.free(load<usize>(area));
  if (one != 0) abi.pollableDrop(one);
  if (other != 0) abi.pollableDrop(other);
}
