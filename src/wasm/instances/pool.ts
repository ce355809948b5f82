import { BandstandError } from "../../foundation/errors/index.ts";
import type { Handler as NextStage, HttpRequest, HttpResponse, RequestContext } from "../../foundation/http/index.ts";
import { isStream } from "../../foundation/http/index.ts";
import type { ComponentScope } from "../host/index.ts";
import type { Compiled } from "../link/index.ts";
import type { LoadedComponent } from "../runtime.ts";
import { monotonic } from "../../foundation/time/clock.ts";
import { Deadlines } from "../../foundation/time/deadlines.ts";
import { few, Standing } from "../../foundation/time/standing.ts";
import { nextTurn } from "../../foundation/time/turns.ts";
import { Entries } from "./entries.ts";
import { rehearseInTurns } from "./rehearsal.ts";
import { Reuse } from "./reuse.ts";
import type { Left } from "./memories.ts";
import { Seat } from "./seat.ts";
import { pressure } from "./thread.ts";
import { ServiceVisit } from "./service-visit.ts";
import { Visit, type Host } from "./visit.ts";
import { wash } from "./washing.ts";

/**
 * Milliseconds that instances of one component may start, or requests of it that fail run, in one turn of the event loop before its further
 * requests wait for the next one: however many come at a time, neighbours wait for a slice and not for all of them, and those that
 * have started are answered while others start. What does well is shed by the gateway where it is too much, which costs less than a queue.
 */
const mostInTurn = 1;
/** Milliseconds between two looks at how many seats were needed. */
const trimInterval = 10_000;
/**
 * Milliseconds that a request waits for a seat at most, and where two wait: seats may be held by guests that themselves wait for what never answers.
 * They are looked at so often.
 */
const [longestWait, longestOfFew, lookInterval] = [2000, 10_000, 100];

interface Turn {
  /** By `monotonic()`. */
  since: number;
  start: (seat: Seat) => void;
  refuse: (error: BandstandError) => void;
}

/** The instances of one component on one thread: as many as requests come at a time, within bounds. */
export class Pool implements LoadedComponent, Host {
  readonly deadlines = new Deadlines();
  readonly entries = new Entries();
  readonly #compiled: Compiled;
  readonly #component: ComponentScope;
  /** It may send requests, and so hand a body on that it does not read. */
  readonly #passesOn: boolean;
  readonly #idle: Seat[] = [];
  #seats = 0;
  /** Most seats in use at a time since the last look. */
  #peak = 0;
  /** Reused instances at work, which may take further calls. */
  readonly #shared = new Set<Seat>();
  #waiting: Turn[] = [];
  readonly #standing = new Standing();
  /** Where instances are to be reused. */
  readonly #reuse: Reuse | undefined;
  /** Seats that will be free soon. */
  #washing = 0;
  /** Instances that start in turns with others. */
  #starting = 0;
  /** Milliseconds that instances took to start in this turn of the event loop. */
  #started = 0;
  /** Milliseconds that guests ran for requests that failed in this turn of the event loop. */
  #spent = 0;
  /** They are forgotten when it is over. */
  #isTurnKnown = false;
  /** The place that was made in spite of a large debt. */
  #probing: Seat | undefined;
  /** Looks at requests that wait. */
  #looking: NodeJS.Timeout | undefined;
  /** When requests that wait may get a new place. */
  #due: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed: { done: Promise<void>; resolve: () => void } | undefined;

  constructor(compiled: Compiled, component: ComponentScope) {
    this.#compiled = compiled;
    this.#component = component;
    const { http, services, mode } = component.plan.capabilities;
    this.#passesOn = http.length > 0 || services.length > 0 || mode === "count";
    if (component.plan.isolation === "reuse") this.#reuse = new Reuse(component.host.logger);
  }

  /**
   * Starts a first instance, so that what cannot start is known before it gets a request.
   * @param bytes of its code. @param othersRun lets the thread do its other work.
   */
  async warm(bytes: number, othersRun: () => Promise<void>): Promise<void> {
    const seat = this.#take()!;
    try {
      this.entries.rehearsed(await rehearseInTurns(seat, bytes, othersRun));
      const entry = this.entries.next();
      await seat.starting(entry);
      seat.handler(entry);
    } catch (error) {
      this.#drop(seat);
      throw error;
    }
    this.#idle.push(seat);
  }

  handle(request: HttpRequest, context: RequestContext, next?: NextStage): HttpResponse | Promise<HttpResponse> {
    if (!this.#passesOn && next === undefined) this.#checkLength(request);
    const seat = this.#isOverdrawn() || this.#waiting.length > 0 ? undefined : this.#take();
    if (seat !== undefined) return this.#visit(seat, request, context, next);
    return this.#queue(request, context, next);
  }

  #visit(
    seat: Seat,
    request: HttpRequest,
    context: RequestContext,
    next: NextStage | undefined,
  ): HttpResponse | Promise<HttpResponse> {
    if (seat.isService && this.#component.plan.isolation === "reuse") this.#shared.add(seat);
    const starting = seat.isShared ? undefined : seat.starting(this.entries.current);
    if (starting !== undefined) return this.#visitLater(starting, seat, request, context, next);
    return this.#begin(seat, request, context, next);
  }

  /**
   * As `visit`, once the instance is there. Meanwhile no other place is made: many that start in turns are all done at the end, while
   * one after the other the first requests are soon answered, and their places take some of those that wait.
   */
  async #visitLater(
    starting: Promise<void>,
    seat: Seat,
    request: HttpRequest,
    context: RequestContext,
    next: NextStage | undefined,
  ): Promise<HttpResponse> {
    this.#starting++;
    try {
      await starting;
    } catch (error) {
      this.#starting--;
      const failure = error as BandstandError;
      if (seat.guest.mustRestart) this.entries.mustWait();
      this.#component.failures.failed(failure, context);
      this.leave(seat, true, failure);
      if (this.#waiting.length > 0) this.#serveWaiting();
      throw failure;
    }
    this.#starting--;
    try {
      return this.#begin(seat, request, context, next);
    } finally {
      if (this.#waiting.length > 0) this.#serveWaiting();
    }
  }

  #begin(
    seat: Seat,
    request: HttpRequest,
    context: RequestContext,
    next: NextStage | undefined,
  ): HttpResponse | Promise<HttpResponse> {
    const visit = seat.isService
      ? new ServiceVisit(this, seat, request, context, next)
      : new Visit(this, seat, request, context, next);
    if (seat.isReady) return visit.run();
    const begun = monotonic();
    try {
      return visit.run();
    } finally {
      this.#started += monotonic() - begun;
      this.#endWithTurn();
    }
  }

  leave(seat: Seat, spoiled: boolean, failure?: BandstandError): void {
    if (seat.isShared) return seat.isOpen ? this.#next()?.start(seat) : undefined;
    if (this.#reuse !== undefined) {
      this.#reuse.saw(seat.answered, failure?.code === "component-no-answer" || failure?.code === "component-trapped");
    }
    const { heldUp } = seat.guest;
    const left = seat.leave(spoiled || this.#reuse?.isFutile === true);
    if (this.#shared.size > 0) this.#shared.delete(seat);
    if (this.#probing === seat) this.#probing = undefined;
    if (left !== undefined || heldUp) return this.#leaveAtCost(seat, left, failure !== undefined, heldUp);
    if (!seat.clean) return this.#wash(seat);
    this.#free(seat);
  }

  /** Others pay for what it left: another place is there when it may be. */
  #leaveAtCost(seat: Seat, left: Left | undefined, failed: boolean, heldUp: boolean): void {
    const { debt } = this.#component;
    if (left !== undefined) debt.thrownAway(left.memories, left.objects, failed);
    if (heldUp) debt.heldUp();
    this.#drop(seat);
    this.#serveWaiting();
  }

  #wash(seat: Seat): void {
    this.#washing++;
    wash(seat, () => {
      this.#washing--;
      this.#free(seat);
    });
  }

  #free(seat: Seat): void {
    this.#idle.push(seat);
    if (this.#waiting.length > 0) return this.#serveWaiting();
    if (this.#closed !== undefined) return this.#dropIdle();
    this.#timer ??= setTimeout(() => this.#trim(), trimInterval).unref();
  }

  ranInVain(milliseconds: number): void {
    this.#spent += milliseconds;
    this.#endWithTurn();
  }

  /** What was done in this turn of the event loop counts till its end. */
  #endWithTurn(): void {
    if (this.#isTurnKnown) return;
    this.#isTurnKnown = true;
    nextTurn(() => {
      this.#isTurnKnown = false;
      this.#spent = 0;
      this.#started = 0;
      if (this.#waiting.length > 0) this.#serveWaiting();
    });
  }

  /** Its guests that fail or start took so long in this turn of the event loop that others are next. */
  #isOverdrawn(): boolean {
    return this.#spent + this.#started > mostInTurn;
  }

  /** Places are being made, in turns. */
  get #isStarting(): boolean {
    return this.#starting > 0 || this.#started > 0;
  }

  /** Who waits longest, of those that are worth while; the others are refused. */
  #next(): Turn | undefined {
    const now = monotonic();
    for (;;) {
      const { length } = this.#waiting;
      const turn = this.#waiting.shift();
      if (turn === undefined || this.#isStarting || !this.#standing.isTooLong(now - turn.since, now, length))
        return turn;
      turn.refuse(this.#busy());
    }
  }

  /** Requests that wait get what places there may be now, and are asked again when there may be more. */
  #serveWaiting(): void {
    while (this.#waiting.length > 0 && !this.#isOverdrawn()) {
      const seat = this.#take();
      if (seat === undefined) break;
      const next = this.#next();
      if (next !== undefined) next.start(seat);
      else if (!seat.isShared) this.#idle.push(seat);
    }
    if (this.#waiting.length === 0 && this.#closed !== undefined) return this.#dropIdle();
    if (this.#waiting.length === 0 || !this.#component.debt.isLarge || this.#due !== undefined) return;
    this.#due = setTimeout(() => {
      this.#due = undefined;
      this.#serveWaiting();
    }, Math.ceil(this.#component.debt.lessIn));
  }

  /** A new place may be made. One that is being washed is there sooner. */
  #mayGrow(): boolean {
    if (this.#seats >= this.#component.plan.limits.concurrency || this.#washing > 0 || this.#starting > 0) return false;
    if (this.#seats > 0 && pressure().isHigh) return false;
    return !this.#component.debt.isLarge || (!this.#component.debt.isTooLarge && this.#probing === undefined);
  }

  async close(): Promise<void> {
    if (this.#closed === undefined) {
      let resolve = (): void => {};
      const done = new Promise<void>((settle) => (resolve = settle));
      this.#closed = { done, resolve };
      clearTimeout(this.#timer);
      this.#dropIdle();
      this.#finishClosing();
    }
    await this.#closed.done;
  }

  #take(): Seat | undefined {
    if (this.#shared.size > 0) for (const shared of this.#shared) if (shared.isOpen) return shared;
    let seat = this.#idle.pop();
    if (seat === undefined && this.#mayGrow()) {
      seat = new Seat(this.#compiled, this.#component);
      this.#seats++;
      if (this.#component.debt.isLarge) this.#probing = seat;
    }
    const busy = this.#seats - this.#idle.length;
    if (busy > this.#peak) this.#peak = busy;
    return seat;
  }

  #dropIdle(): void {
    for (const seat of this.#idle.splice(0)) this.#drop(seat);
  }

  #drop(seat: Seat): void {
    seat.close();
    this.#seats--;
    this.#finishClosing();
  }

  #finishClosing(): void {
    if (this.#closed === undefined || this.#seats > 0 || this.#waiting.length > 0) return;
    this.deadlines.close();
    this.#closed.resolve();
  }

  /** What is known to be too large for a guest that can only read it is not begun. */
  #checkLength({ body }: HttpRequest): void {
    const length = body === undefined ? 0 : isStream(body) ? (body.length ?? 0) : body.length;
    const limit = this.#component.plan.limits.requestBody;
    if (length <= limit) return;
    const message = `the request's body of ${length} bytes is larger than the ${limit} that are taken here`;
    throw new BandstandError("request-too-large", message);
  }

  #queue(request: HttpRequest, context: RequestContext, next: NextStage | undefined): Promise<HttpResponse> {
    const { limits } = this.#component.plan;
    // Those for whom there will be a place once others have started are no queue.
    const expected = this.#isStarting ? Math.max(limits.concurrency - this.#seats, 0) : 0;
    if (this.#waiting.length >= limits.queue + expected) throw this.#busy();
    return new Promise((resolve, reject) => {
      const turn: Turn = {
        since: monotonic(),
        start: (seat) => {
          // Who left meanwhile is not served; the next stage of this promise chain finds out by itself.
          const begin = async (): Promise<HttpResponse> => this.#visit(seat, request, context, next);
          begin().then(resolve, reject);
        },
        refuse: reject,
      };
      this.#waiting.push(turn);
      if (this.#looking === undefined) this.#looking = setTimeout(this.#look, Math.min(lookInterval, limits.wall));
      this.#serveWaiting();
    });
  }

  /** Refuses those that have waited for as long as anybody may. */
  readonly #look = (): void => {
    this.#looking = undefined;
    const now = monotonic();
    const { wall } = this.#component.plan.limits;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const most = this.#waiting.length > few ? longestWait : longestOfFew;
      // Those for whom instances start get one of them.
      if (now - first.since <= (this.#isStarting ? wall : Math.min(most, wall))) break;
      this.#waiting.shift();
      first.refuse(this.#busy());
    }
    // There may be memory for more places again.
    if (this.#waiting.length > 0) this.#serveWaiting();
    if (this.#waiting.length > 0) this.#looking = setTimeout(this.#look, Math.min(lookInterval, wall));
    else if (this.#closed !== undefined) this.#dropIdle();
    this.#finishClosing();
  };

  #busy(): BandstandError {
    return new BandstandError(
      "overloaded",
      `component ${this.#component.plan.id} has more requests in hand than it may`,
    );
  }

  /** Gives back seats that were not needed for a while. */
  #trim(): void {
    this.#timer = undefined;
    const spare = Math.min(this.#seats - Math.max(this.#peak, 1), this.#idle.length);
    this.#peak = this.#seats - this.#idle.length;
    for (const seat of this.#idle.splice(0, Math.max(spare, 0))) this.#drop(seat);
    for (const seat of this.#idle) if (seat.isLarge) seat.slim(trimInterval / 2);
    if (this.#seats > 1 || this.#idle.some(({ isLarge }) => isLarge))
      this.#timer = setTimeout(() => this.#trim(), trimInterval).unref();
  }
}
