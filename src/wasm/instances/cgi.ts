import { BandstandError } from "../../foundation/errors/index.ts";
import { isStream } from "../../foundation/http/index.ts";
import { cgiAnswer, cgiEnvironment } from "../cgi/index.ts";
import { Content, Fields, OutgoingResponse, sourceOf, type Exchange, type Guest } from "../host/index.ts";
import type { InputSource, OutputSink, Piece } from "../host/io/index.ts";
import { highWater } from "../host/limits.ts";

const terminals = { stdin: false, stdout: false, stderr: false };

/**
 * Answers one request with a command of WASI 0.1 by the CGI convention: a program that runs once for it. What it writes to
 * stdout becomes the answer of the exchange; its end, by returning or with code 0, is the end of the body.
 * Throws what the program failed of, and `component-no-answer` for an output that is no answer.
 * @param start its main function; answers a promise where it was entered so that it may wait.
 */
export function runCgi(guest: Guest, exchange: Exchange, start: () => unknown): unknown {
  const output = new CgiOutput(guest, exchange);
  const { request, context } = exchange;
  let variables: [string, string][] | undefined;
  const world = (guest.command = {
    args: [guest.component.plan.id],
    get environment() {
      return (variables ??= [...new Map([...cgiEnvironment(request, context), ...guest.component.config])]);
    },
    stdin: () =>
      isStream(request.body) && guest.entry !== "waiting"
        ? new UntouchedSource(guest)
        : sourceOf(request.body, guest, exchange),
    stdout: output,
    stderr: guest.stderr,
    terminals,
    exitCode: undefined as number | undefined,
  });
  const ended = (thrown?: unknown): void => {
    const { exitCode } = world;
    if (exitCode === undefined && thrown !== undefined) throw thrown;
    if (exitCode !== undefined) guest.failure = undefined;
    if (exitCode !== undefined && exitCode !== 0) throw guest.fail("component-trapped", `ended with exit ${exitCode}`);
    // Many a program takes what is wrong with its input for the end of it.
    if (exchange.refused !== undefined) throw exchange.refused;
    output.end();
  };
  let done: unknown;
  try {
    done = start();
  } catch (thrown) {
    return ended(thrown);
  }
  return done instanceof Promise ? done.then(() => ended(), ended) : ended();
}

/** A body that arrives: what is read of it cannot be read again, so a program that may have to begin again reads nothing. */
class UntouchedSource implements InputSource {
  readonly failure = undefined;
  readonly #guest: Guest;

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  ready(): never {
    throw this.#guest.cannotWait();
  }

  take(): never {
    throw this.#guest.cannotWait();
  }

  close(): void {}
}

/** stdout of a program: first the head of an answer, then its body. */
class CgiOutput implements OutputSink {
  readonly #guest: Guest;
  readonly #exchange: Exchange;
  #head: Buffer = Buffer.alloc(0);
  #content: Content | undefined;

  constructor(guest: Guest, exchange: Exchange) {
    this.#guest = guest;
    this.#exchange = exchange;
  }

  get failure(): unknown {
    return this.#content?.failure;
  }

  room(): number | undefined {
    return this.#content === undefined ? highWater : this.#content.room();
  }

  flushed(): boolean {
    return this.#content?.flushed() ?? true;
  }

  write(bytes: Buffer): void {
    if (this.#content !== undefined) return this.#content.write(bytes);
    if (this.#guest.failure !== undefined) throw this.#guest.failure;
    // All of the head is looked at anew.
    this.#guest.worked(this.#head.length + bytes.length);
    this.#head = Buffer.concat([this.#head, bytes]);
    this.#begin(false);
  }

  push(piece: Piece): void {
    this.write(typeof piece === "string" ? Buffer.from(piece, "latin1") : Buffer.from(piece));
  }

  /** The program is done. */
  end(): void {
    if (this.#content === undefined) this.#begin(true);
    this.#content!.finish(undefined);
  }

  /** Answers, where the head is there. */
  #begin(ended: boolean): void {
    const { request } = this.#exchange;
    const answer = this.#read(ended, request.method);
    if (answer === undefined) return;
    const response = new OutgoingResponse(new Fields(answer.headers, false));
    response.status = answer.status;
    const content = (this.#content = new Content(answer.bodiless ? undefined : answer.length, this.#exchange));
    // A body that nobody will see has no length to keep.
    if (answer.bodiless) content.discard();
    else response.content = content;
    this.#exchange.answer = response;
    this.#head = Buffer.alloc(0);
    content.write(answer.rest);
  }

  #read(ended: boolean, method: string) {
    try {
      return cgiAnswer(this.#head, ended, method);
    } catch (error) {
      // What a host function throws, a program can catch: so that it ends all the same, it is told here.
      if (error instanceof BandstandError) this.#guest.failure ??= error;
      this.#guest.hasten();
      throw error;
    }
  }
}
