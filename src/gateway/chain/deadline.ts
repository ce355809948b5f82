import type { BandstandError } from "../../foundation/errors/index.ts";
import { isPending, Later, type HttpRequest, type HttpResponse } from "../../foundation/http/index.ts";
import { monotonic } from "../../foundation/time/clock.ts";
import { Deadlines, type Ticket, type Timed } from "../../foundation/time/deadlines.ts";
import { streamOf, withStream } from "../http1/read-response.ts";
import { Exchange } from "../listener/exchange.ts";
import type { Passage, Stage } from "./passage.ts";
import { WatchedBody } from "./watched-body.ts";

/** The time that one request has. */
export class Allowance implements Timed {
  readonly deadline: number;
  readonly #limit: TimeLimit;
  readonly #ticket: Ticket;
  /** What it ends when it is over. */
  #ends: (reason: BandstandError) => void;

  /** @param ago milliseconds since it began. @param ends is called with the reason when it is over. */
  constructor(limit: TimeLimit, ago: number, ends: (reason: BandstandError) => void) {
    this.#limit = limit;
    this.#ends = ends;
    this.deadline = monotonic() + limit.milliseconds - ago;
    this.#ticket = limit.deadlines.add(this);
  }

  get isOver(): boolean {
    return this.deadline <= monotonic();
  }

  expired(): void {
    this.spent();
    this.#ends(this.#limit.late());
  }

  /** Goes on with something else that it ends. */
  handOn(ends: (reason: BandstandError) => void): void {
    this.#ends = ends;
  }

  /** What it is for is over. */
  spent(): void {
    this.#limit.deadlines.remove(this.#ticket);
  }
}

/** Bounds stages in time, each request's for itself. */
export class TimeLimit {
  readonly milliseconds: number;
  /** Of those whose time began, in the order that it did. */
  readonly deadlines = new Deadlines();
  /** What they are ended with. */
  readonly late: () => BandstandError;

  constructor(milliseconds: number, late: () => BandstandError) {
    this.milliseconds = milliseconds;
    this.late = late;
  }

  /**
   * Runs a stage, to the end of its response's body. Past its time whatever works behind it is aborted; it throws the error, or the body
   * breaks where the head was out.
   * @param begun its time, where that began before.
   */
  run(stage: Stage, request: HttpRequest, outer: Passage, begun?: Allowance): Later<HttpResponse> {
    const own = new Exchange(outer.remoteAddress, outer.exchange.started);
    const passage = outer.within(own);
    const result = new Later<HttpResponse>();
    const ends = (reason: BandstandError): void => own.abort(reason);
    begun?.handOn(ends);
    const allowance = begun ?? new Allowance(this, 0, ends);
    const inTime = (): void => allowance.spent();
    outer.onAbort((reason) => own.abort(reason));
    own.onAbort((reason) => {
      inTime();
      result.reject(reason);
    });
    const answered = (response: HttpResponse): void => {
      outer.learn(passage);
      const stream = streamOf(response);
      // Behind a 101 begins another protocol with a time of its own.
      if (stream === undefined || response.status === 101) {
        inTime();
        return result.resolve(response);
      }
      const body = new WatchedBody(stream, inTime);
      own.onAbort((reason) => body.interrupt(reason));
      result.resolve(withStream(response, body));
    };
    const failed = (error: unknown): void => {
      outer.learn(passage);
      inTime();
      result.reject(error);
    };
    try {
      const response = stage(request, passage);
      if (!isPending(response)) answered(response);
      else if (response instanceof Later) response.take(answered, failed);
      else void response.then(answered, failed);
    } catch (error) {
      failed(error);
    }
    return result;
  }
}

/** As `TimeLimit`, from when the stage begins. */
export function withDeadline(stage: Stage, milliseconds: number, late: () => BandstandError): Stage {
  const limit = new TimeLimit(milliseconds, late);
  return (request, outer) => limit.run(stage, request, outer);
}
