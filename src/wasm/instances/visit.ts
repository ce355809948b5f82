import { BandstandError } from "../../foundation/errors/index.ts";
import type { Handler as NextStage, HttpRequest, HttpResponse, RequestContext } from "../../foundation/http/index.ts";
import { monotonic } from "../../foundation/time/clock.ts";
import { Exchange, IncomingRequest, OutgoingResponse, ResponseOutparam, type Pausing } from "../host/index.ts";
import { runCgi } from "./cgi.ts";
import type { Deadlines, Ticket, Timed } from "../../foundation/time/deadlines.ts";
import type { Entries } from "./entries.ts";
import type { Entry } from "./home.ts";
import type { Seat } from "./seat.ts";
import { stacks, type Caller } from "./stacks.ts";
import { pressure } from "./thread.ts";

/** Who takes the seat back. */
export interface Host {
  readonly deadlines: Deadlines;
  readonly entries: Entries;
  /** @param failure what the request ended with. */
  leave(seat: Seat, spoiled: boolean, failure?: BandstandError): void;
  /** A request failed after so much running time. */
  ranInVain(milliseconds: number): void;
}

/** One request in one seat, from the call of the guest to its end. */
export class Visit implements Timed, Caller, Pausing {
  deadline = Number.POSITIVE_INFINITY;
  readonly #host: Host;
  readonly #seat: Seat;
  #exchange: Exchange;
  #ticket: Ticket | undefined;
  #resolve: ((response: HttpResponse) => void) | undefined;
  #reject: ((error: BandstandError) => void) | undefined;
  #delivered = false;
  #listening = false;
  #over = false;

  constructor(host: Host, seat: Seat, request: HttpRequest, context: RequestContext, next: NextStage | undefined) {
    this.#host = host;
    this.#seat = seat;
    this.#exchange = new Exchange(seat.guest, request, context, next);
  }

  /** Runs the guest; the answer is there at once where it neither waits nor could. */
  run(): HttpResponse | Promise<HttpResponse> {
    const { guest } = this.#seat;
    const { entries } = this.#host;
    if (entries.next() === "waiting") return this.#waiting();
    let thrown: unknown;
    try {
      this.#call("plain");
    } catch (error) {
      thrown = error ?? noReason;
    }
    if (guest.mustRestart) {
      entries.restarted();
      this.#seat.leave(true);
      this.#exchange = this.#exchange.again();
      return this.#waiting();
    }
    const failure = this.#end(thrown);
    if (failure !== undefined) throw failure;
    return this.#response();
  }

  /** Where its instance is none that may wait, and takes long to start, it starts in turns with others: at a stretch it would be ended for it. */
  #waiting(): Promise<HttpResponse> {
    const starting = this.#seat.starting("waiting");
    return starting === undefined ? this.#runWaiting() : this.#runLater(starting);
  }

  async #runLater(starting: Promise<void>): Promise<HttpResponse> {
    try {
      await starting;
    } catch (error) {
      throw this.#end(error) ?? error;
    }
    return this.#runWaiting();
  }

  #runWaiting(): Promise<HttpResponse> {
    // Who never waits is off the stack again before any timer could fire.
    this.deadline = monotonic() + this.#seat.guest.component.plan.limits.wall;
    this.#ticket = this.#host.deadlines.add(this);
    this.#seat.guest.pausing = this;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      try {
        const done = this.#call("waiting") as Promise<void> | undefined;
        done?.then(
          () => this.returned(),
          (error: unknown) => this.threw(error),
        );
      } catch (error) {
        this.threw(error);
      }
    });
  }

  returned(): void {
    this.#settle(this.#end(undefined));
  }

  threw(error: unknown): void {
    this.#settle(this.#end(error ?? noReason));
  }

  /** @returns of one that waits, a promise where the end is not told otherwise. */
  #call(entry: Entry): unknown {
    const { guest } = this.#seat;
    const handler = this.#seat.handler(entry);
    guest.exchange = this.#exchange;
    guest.meter.start(guest.component.plan.limits.cpu);
    if (this.#seat.isProgram) return runCgi(guest, this.#exchange, handler as () => unknown);
    const { handles } = this.#seat.entered;
    const request = handles.addAs("incoming-request", new IncomingRequest(), 0, false);
    const right = handles.addAs("response-outparam", outparam, 0, false);
    const slot = entry === "waiting" ? this.#seat.slot : undefined;
    return slot === undefined ? handler(request, right) : stacks.run(slot, request, right, this);
  }

  /** The wall limit passed. */
  expired(): void {
    const { guest } = this.#seat;
    const { wall } = guest.component.plan.limits;
    guest.end(new BandstandError("component-wall", `was not done after ${wall} ms`));
  }

  /** The guest begins to wait: what it answered so far goes out, and who is not interested any more ends it. */
  paused(): void {
    pressure().relieve();
    if (!this.#listening) {
      this.#listening = true;
      this.#exchange.context.onAbort((reason) => this.#aborted(reason));
    }
    this.#deliver();
  }

  #aborted(reason: BandstandError): void {
    if (!this.#over) this.#seat.guest.end(reason);
  }

  #deliver(): void {
    const { answer, refused } = this.#exchange;
    const content = answer instanceof OutgoingResponse ? answer.content : undefined;
    // Nobody will read what it answers.
    if (refused !== undefined) content?.break(refused);
    if (this.#delivered || (refused === undefined && !(answer instanceof OutgoingResponse))) return;
    this.#delivered = true;
    // Its body is wrong already: nothing of it went out.
    const failure = refused ?? (content?.failure as BandstandError | undefined);
    if (failure !== undefined) this.#reject!(failure);
    else this.#resolve!(this.#response());
  }

  #settle(failure: BandstandError | undefined): void {
    if (this.#delivered) return;
    this.#delivered = true;
    if (failure !== undefined) this.#reject!(failure);
    else this.#resolve!(this.#response());
  }

  #response(): HttpResponse {
    const { status, fields, content } = this.#exchange.answer as OutgoingResponse;
    return { status, headers: fields.list, body: content?.outgoing() };
  }

  /** The guest is done. Answers why there is no response, or why its body breaks. */
  #end(thrown: unknown): BandstandError | undefined {
    const { guest } = this.#seat;
    guest.meter.pause();
    this.#over = true;
    if (this.#ticket !== undefined) this.#host.deadlines.remove(this.#ticket);
    const failed = thrown !== undefined || guest.failure !== undefined;
    const exchange = this.#exchange;
    const hasAnswered = !failed || (exchange.left && exchange.answer !== undefined);
    const failure = hasAnswered ? this.#unanswered() : this.#seat.failureOf(thrown);
    if (exchange.answer instanceof OutgoingResponse && failure !== undefined) exchange.answer.content?.break(failure);
    exchange.end(failure ?? doneReason);
    if (failure !== undefined) {
      this.#log(failure);
      this.#host.ranInVain(guest.meter.passed);
    }
    // An instance that answers nothing may be broken, though it says nothing of it.
    this.#host.leave(this.#seat, failed || failure?.code === "component-no-answer", failure);
    return exchange.refused ?? failure;
  }

  /**
   * Why there is no answer, or not a whole one. A body that its guest still holds ends with the call, as in wasmtime: guests of
   * languages without destructors leave it so, and `incomplete` is only what was given back without `finish`.
   */
  #unanswered(): BandstandError | undefined {
    const { answer, refused } = this.#exchange;
    // Whatever it made of its request, that was not taken: no fault of its own.
    if (refused !== undefined) return undefined;
    if (answer === undefined) return new BandstandError("component-no-answer", "set no answer");
    if (answer instanceof BandstandError) return answer;
    const { content } = answer;
    content?.finish(undefined);
    return content?.failure as BandstandError | undefined;
  }

  #log(failure: BandstandError): void {
    this.#seat.guest.component.failures.failed(failure, this.#exchange.context);
  }
}

/** The right to answer has nothing of its own: one stands for all. */
const outparam = new ResponseOutparam();
const noReason = new Error("nothing");
const doneReason = new BandstandError("client-gone", "the component is done with it");
