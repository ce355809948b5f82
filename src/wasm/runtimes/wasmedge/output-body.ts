import type { Readable } from "node:stream";
import { BandstandError } from "../../../foundation/errors/index.ts";
import type { BodyStream, RawHeaders } from "../../../foundation/http/index.ts";

/** What a program writes to stdout: first its head by `next`, then, from `begin` on, a body. */
export class OutputBody implements BodyStream {
  readonly trailers: RawHeaders | undefined = undefined;
  length: number | undefined;
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #exit: Promise<BandstandError | undefined>;
  readonly #limit: number;
  readonly #stop: (reason: BandstandError) => void;
  #first: Buffer | undefined;
  #size = 0;

  /**
   * @param exit how the program ended: what it wrote counts only where it ended well.
   * @param limit bytes that the body may have.
   */
  constructor(
    output: Readable,
    exit: Promise<BandstandError | undefined>,
    limit: number,
    stop: (reason: BandstandError) => void,
  ) {
    this.#pieces = output[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#exit = exit;
    this.#limit = limit;
    this.#stop = stop;
  }

  /** The next piece of the output. Throws why the program failed. */
  async next(): Promise<Buffer | undefined> {
    const { value, done } = await this.#pieces.next().catch(() => ({ value: undefined, done: true as const }));
    if (!done) return value;
    const failure = await this.#exit;
    if (failure !== undefined) throw failure;
    return undefined;
  }

  /** The body starts with what came behind the head. @param length as the head declares it. */
  begin(rest: Buffer, length: number | undefined): void {
    this.#first = rest;
    this.length = length;
  }

  async read(): Promise<Uint8Array | undefined> {
    const first = this.#first;
    this.#first = undefined;
    const piece = first !== undefined && first.length > 0 ? first : await this.next();
    this.#size += piece?.length ?? 0;
    const wrong = this.#wrong(piece === undefined);
    if (wrong === undefined) return piece;
    this.#stop(wrong);
    throw wrong;
  }

  /** Reads on to the end without keeping anything: the program shall end by itself. */
  async discard(): Promise<void> {
    try {
      while ((await this.next()) !== undefined);
    } catch {
      // How it ended is in the log.
    }
  }

  cancel(): void {
    this.#stop(new BandstandError("client-gone", "nobody reads the answer any more"));
  }

  #wrong(ended: boolean): BandstandError | undefined {
    const { length } = this;
    if (this.#size > this.#limit) {
      const message = `wrote more than ${this.#limit} bytes as the body of its response`;
      return new BandstandError("component-body-limit", message);
    }
    if (length === undefined || (ended ? this.#size === length : this.#size <= length)) return undefined;
    return new BandstandError(
      "component-body-limit",
      `the body has not the ${length} bytes that its content-length says`,
    );
  }
}
