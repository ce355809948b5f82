import { Resource, type Holdable } from "../handles.ts";
import type { OutputSink } from "./sink.ts";
import type { InputSource } from "./source.ts";

/** `wasi:io/error`: what went wrong on a stream. */
export class IoError extends Resource {
  readonly kind = "error";
  readonly cause: unknown;

  constructor(cause: unknown) {
    super();
    this.cause = cause;
  }
}

/** `wasi:io/poll` pollable: asks again each time; holds no timer and no listener. */
export abstract class Pollable extends Resource {
  readonly kind = "pollable";
  /** When time makes it ready, by `now` of `foundation/time`. */
  readonly deadline: number | undefined = undefined;

  abstract ready(): boolean;
}

/** Ready when something else of the host is. */
export class PollableOn extends Pollable {
  readonly #source: { ready(): boolean };

  constructor(source: { ready(): boolean }) {
    super();
    this.#source = source;
  }

  ready(): boolean {
    return this.#source.ready();
  }
}

export class InputStream implements Holdable {
  readonly kind = "input-stream";
  readonly source: InputSource;
  /** It is the body of a message, and ends with that. */
  readonly isBody: boolean;
  /** The guest was told why it broke. */
  told = false;

  constructor(source: InputSource, isBody = false) {
    this.source = source;
    this.isBody = isBody;
  }

  ready(): boolean {
    return this.source.ready();
  }
}

export class OutputStream implements Holdable {
  readonly kind = "output-stream";
  readonly sink: OutputSink;
  /** As for what comes in. */
  readonly isBody: boolean;
  /** Bytes that `check-write` allowed for the next write. */
  permit = 0;
  told = false;

  constructor(sink: OutputSink, isBody = false) {
    this.sink = sink;
    this.isBody = isBody;
  }

  /** There is room, or it is closed. */
  ready(): boolean {
    return this.sink.room() !== 0;
  }
}
