import { BandstandError } from "../../foundation/errors/index.ts";
import {
  isBodiless,
  type Handler as NextStage,
  type HttpRequest,
  type HttpResponse,
  type RequestContext,
} from "../../foundation/http/index.ts";
import { monotonic } from "../../foundation/time/clock.ts";
import type { TaskOwner } from "../async/index.ts";
import { answerOf, Content, Exchange, Meter, Response, type GuestMemory, type Pausing } from "../host/index.ts";
import type { Ticket, Timed } from "../../foundation/time/deadlines.ts";
import type { Seat } from "./seat.ts";
import { startService } from "./service.ts";
import { pressure } from "./thread.ts";
import { endLingering, type Shared, type Working } from "./shared.ts";
import type { Host } from "./visit.ts";

/** One request in a component of WASI 0.3, from the call of its handler to the end of that call. */
export class ServiceVisit implements Timed, TaskOwner, Pausing, Shared {
  deadline = Number.POSITIVE_INFINITY;
  readonly #host: Host;
  readonly #seat: Seat;
  readonly #exchange: Exchange;
  #ticket: Ticket | undefined;
  readonly #task: Working;
  readonly #meter: Meter;
  /** Why nobody waits for it any more, though the guest still works on it. */
  #stopped: BandstandError | undefined;
  #answer: Response | BandstandError | undefined;
  #response: HttpResponse | undefined;
  #failure: BandstandError | undefined;
  #resolve: ((response: HttpResponse) => void) | undefined;
  #reject: ((error: BandstandError) => void) | undefined;
  #grace: NodeJS.Timeout | undefined;
  #over = false;
  isLingering = false;
  #listening = false;

  constructor(host: Host, seat: Seat, request: HttpRequest, context: RequestContext, next: NextStage | undefined) {
    const { guest } = seat;
    this.#host = host;
    this.#seat = seat;
    this.#exchange = new Exchange(guest, request, context, next);
    // Calls that share an instance have a limit each.
    this.#meter = guest.component.plan.isolation === "reuse" ? new Meter() : guest.meter;
    this.#task = seat.task(this);
  }

  /** Runs the guest; the answer is there at once where it does not wait before it. */
  run(): HttpResponse | Promise<HttpResponse> {
    const { guest } = this.#seat;
    try {
      const functions = this.#seat.service(this.#seat.isShared ? "plain" : this.#host.entries.next());
      this.#seat.visits.add(this);
      this.#meter.start(guest.component.plan.limits.cpu);
      startService(this.#seat.entered, this.#task, this.#exchange, functions);
    } catch (error) {
      this.ended({ error });
    }
    if (this.#over && this.#failure !== undefined && this.#response === undefined) throw this.#failure;
    const response = this.#response ?? (this.#over || this.#listening ? this.#deliver() : undefined);
    if (!this.#over) this.#watch();
    const { refused } = this.#exchange;
    if (refused !== undefined && response === undefined) {
      this.#refuse(refused);
      throw refused;
    }
    if (response !== undefined) return response;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** From now on it waits, and only so long: what ran at once needed no limit. */
  #watch(): void {
    this.deadline = monotonic() + this.#seat.guest.component.plan.limits.wall;
    this.#ticket = this.#host.deadlines.add(this);
  }

  entering(): void {
    const { guest } = this.#seat;
    guest.exchange = this.#exchange;
    guest.meter = this.#meter;
    guest.endHold();
    this.#meter.resumed();
    if (guest.entry === "waiting") guest.pausing = this;
  }

  left(): void {
    this.#meter.pause();
    this.#seat.guest.checkTime();
  }

  returned(memory: GuestMemory, values: readonly (number | bigint)[]): void {
    const answer = answerOf(this.#seat.entered, memory, values);
    this.#answer = answer;
    if (!(answer instanceof Response)) return;
    const { refused } = this.#exchange;
    if (refused !== undefined) return this.#refuse(refused);
    const { status, body } = answer;
    const isUnwanted = this.#exchange.request.method === "HEAD" || isBodiless(status);
    if (isUnwanted && body instanceof Content) body.discard();
  }

  /** The guest begins to wait: what it answered so far goes out, and who is not interested any more ends it. */
  paused(): void {
    pressure().relieve();
    if (!this.#listening) {
      this.#listening = true;
      this.#exchange.context.onAbort((reason) => this.#stop(reason));
    }
    const { refused } = this.#exchange;
    if (refused !== undefined && this.#response === undefined) {
      this.#refuse(refused);
      this.#reject?.(refused);
    }
    if (this.#resolve === undefined) return;
    const response = this.#response === undefined ? this.#deliver() : undefined;
    if (response !== undefined) this.#resolve(response);
  }

  /** The wall limit passed. */
  expired(): void {
    const { wall } = this.#seat.guest.component.plan.limits;
    this.#stop(new BandstandError("component-wall", `was not done after ${wall} ms`));
  }

  /** The guest's call is over. */
  ended(thrown: { error: unknown } | undefined): void {
    if (this.#over) return;
    const hasFailed = thrown !== undefined || this.#seat.guest.failure !== undefined;
    const failure = hasFailed ? this.#seat.failureOf(thrown?.error ?? noReason) : this.#unfinished();
    // What fails ends its instance, and all that is under way there.
    if (hasFailed) {
      this.#seat.guest.failure ??= failure;
      this.#seat.fell(this);
    }
    this.#end(failure, hasFailed);
  }

  /** Another call ended the instance. */
  fell(): void {
    if (this.#over) return;
    const failure = new BandstandError("component-trapped", "another call of the same instance failed");
    this.#end(this.#stopped ?? failure, true);
  }

  /** It must end, wherever it is. */
  instanceEnds(): void {
    if (!this.#over && !this.#task.isOnStack) this.ended({ error: this.#seat.guest.failure });
  }

  #end(failure: BandstandError | undefined, hasFailed: boolean): void {
    this.#over = true;
    const { guest } = this.#seat;
    if (failure !== undefined) this.#host.ranInVain(this.#meter.passed);
    clearTimeout(this.#grace);
    if (this.#ticket !== undefined) this.#host.deadlines.remove(this.#ticket);
    this.#task.abandon();
    this.#seat.visits.delete(this);
    const { refused } = this.#exchange;
    if (failure !== undefined && this.#stopped === undefined) this.#fail(failure);
    else if (refused !== undefined) this.#break(refused);
    if (failure === undefined && this.#response === undefined) this.#deliver();
    this.#exchange.end(failure ?? doneReason);
    if (guest.mustRestart) this.#host.entries.mustWait();
    else if (guest.wasSlow) this.#host.entries.restarted();
    this.#failure = refused ?? failure;
    this.#host.leave(this.#seat, hasFailed || failure?.code === "component-no-answer", failure);
    endLingering(this.#seat.visits, guest, outstayed);
    if (this.#resolve === undefined) return;
    if (this.#failure === undefined || this.#response !== undefined) this.#resolve(this.#response!);
    else this.#reject!(this.#failure);
  }

  /**
   * It must end. A fresh state goes with its request; an instance that serves others too asks its guest to end. Where that takes
   * long, the instance goes once its other calls are done.
   */
  #stop(reason: BandstandError): void {
    if (this.#over || this.#stopped !== undefined) return;
    const { guest } = this.#seat;
    if (guest.component.plan.isolation === "request" || this.#task.isOnStack) return guest.end(reason);
    this.#stopped = reason;
    this.#fail(reason);
    this.#exchange.end(reason);
    this.#reject?.(reason);
    this.#task.cancel();
    this.#grace = setTimeout(() => {
      this.isLingering = true;
      endLingering(this.#seat.visits, guest, outstayed);
    }, grace);
  }

  /** Of what it answered, nothing more is its answer. */
  #break(reason: BandstandError): void {
    const answer = this.#answer;
    if (!(answer instanceof Response)) return;
    if (answer.body instanceof Content) answer.body.break(reason);
    else if (this.#response === undefined) answer.dropped();
  }

  /** What it answers, or will, goes nowhere; it is told so, and may end. */
  #refuse(reason: BandstandError): void {
    this.#break(reason);
    if (this.#answer instanceof Response) this.#answer.went({ name: "connection-terminated" });
  }

  #fail(failure: BandstandError): void {
    this.#break(failure);
    this.#seat.guest.component.failures.failed(failure, this.#exchange.context);
  }

  /** Why what the guest answered is none, or not whole. */
  #unfinished(): BandstandError | undefined {
    if (this.#stopped !== undefined) return this.#stopped;
    const answer = this.#answer;
    // Whatever it made of its request, that was not taken: no fault of its own.
    if (this.#exchange.refused !== undefined) return undefined;
    if (answer === undefined) return new BandstandError("component-no-answer", "set no answer");
    if (answer instanceof BandstandError) return answer;
    if (answer.flaw !== undefined) return answer.flaw;
    if (!(answer.body instanceof Content)) return undefined;
    const { finished, failure, unwanted } = answer.body;
    if (finished || unwanted || failure !== undefined) return failure as BandstandError | undefined;
    return new BandstandError("component-no-answer", "returned without finishing the body of its answer");
  }

  #deliver(): HttpResponse | undefined {
    const answer = this.#answer;
    if (!(answer instanceof Response) || answer.flaw !== undefined) return undefined;
    if (this.#exchange.refused !== undefined) return undefined;
    answer.passOn?.();
    const { status, fields } = answer;
    this.#response = { status, headers: fields.list, body: answer.outgoing() };
    answer.went();
    return this.#response;
  }
}

/** Milliseconds that a guest gets to end a call after it was asked to. */
const grace = 1000;
const outstayed = new BandstandError("component-wall", `did not end a call in ${grace} ms after it was asked to`);
const noReason = new Error("nothing");
const doneReason = new BandstandError("client-gone", "the component is done with it");
