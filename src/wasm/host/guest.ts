import type { ErrorCode } from "../../foundation/errors/index.ts";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import { longestTimer, monotonic, threadTime } from "../../foundation/time/clock.ts";
import { heapChunk } from "../rewrite/names.ts";
import { Tasks } from "../async/tasks.ts";
import type { GrantedDirectory } from "../files/index.ts";
import type { Network } from "../sockets/index.ts";
import type { CommandWorld } from "./cli/command-world.ts";
import { LogSink, type LogLevel } from "./cli/log.ts";
import type { ComponentScope } from "./component.ts";
import { Handles } from "./handles.ts";
import type { Exchange } from "./http/exchange.ts";
import { Journal } from "./journal.ts";
import { hostLimits } from "./limits.ts";
import { Meter } from "./meter.ts";
import { calledOut, type Paced } from "./trap.ts";

/** Who has a guest run. */
export interface Pausing {
  /** The guest begins to wait. */
  paused(): void;
}

/** Nobody wants to know. */
export const nobody: Pausing = { paused: nothing };

/** One guest as its host functions see it: bound once, used for one request after the other. */
export class Guest implements Paced {
  readonly component: ComponentScope;
  readonly handles: Handles;
  /** Of what runs: each task of an instance that works on several requests has its own. */
  meter = new Meter();
  /** Told when it is to end while it may not be on its stack. */
  onEnd: () => void = nothing;
  /** Calls under way of an instance that is called asynchronously. */
  readonly tasks = new Tasks(this);
  readonly stdout: LogSink;
  readonly stderr: LogSink;
  /** What it has besides where it is a command; nothing under the gateway. */
  command: CommandWorld | undefined;
  /** The same whenever it asks for it, and another for another guest. */
  insecureSeed: readonly [bigint, bigint] | undefined;
  /** What it may use of the host's files; nothing under the gateway. */
  directories: readonly GrantedDirectory[] = [];
  /** What it may reach by sockets; nothing under the gateway. */
  network: Network | undefined;
  /** Bytes that its instance took for objects of the engine's heap, and of what the host keeps for it. */
  heapTaken = 0;
  /** The part of that for what the host keeps. */
  keptTaken = 0;
  /** Makes room for what the host keeps for it. Throws where there is none. */
  makeRoom: (bytes: number) => void = nothing;
  #kept = 0;
  /** Bytes of its memories. */
  memoryBytes: () => number = () => 0;
  nested = 0;
  /** Makes the guest ask at once whether it should pause. */
  hasten: () => void = nothing;
  #work = 0;
  /** When it was first told to go on below a host function, though its turn was over, by the clock that costs little and CPU time; 0: it was not. */
  #heldSince = { now: 0, cpu: 0 };
  /**
   * How it was entered. Plainly costs least, but then it cannot wait: where it must, it begins again in the other
   * way. Nothing of it was to be seen until then. Nothing of a rehearsal is ever seen. What is called asynchronously
   * waits by returning (event), and on its stack only where it was entered for that (waiting).
   */
  entry: "start" | "rehearsal" | "plain" | "event" | "waiting" = "start";
  /** It may wait while it starts: on its stack, with no JavaScript between. */
  mayWaitAtStart = false;
  /** While it starts it pauses for others (now), or may begin its start again so that it does (later), or neither. */
  startsInTurns: "now" | "later" | "never" = "never";
  /** It has to begin again, entered so that it may wait; what is called asynchronously, with its next request. */
  mustRestart = false;
  /** It ran for long, which holds up others where it cannot pause. */
  wasSlow = false;
  /** It was ended since it ran on where it could not pause. */
  heldUp = false;
  /** The request in hand; undefined while the instance starts. */
  exchange: Exchange | undefined;
  /** It took something by chance while it started: another start of it may go another way. */
  #startedByChance = false;
  /** Why it must end; every interruption check asks. */
  failure: BandstandError | undefined;
  /** Told when the guest begins to wait. */
  pausing: Pausing = nobody;
  #waiting: Waiting | undefined;
  #lines: [LogLevel, string, Record<string, string>][] = [];

  constructor(component: ComponentScope) {
    this.component = component;
    this.handles = new Handles(this, component.plan.limits.resources);
    this.stdout = new LogSink(this, "stdout");
    this.stderr = new LogSink(this, "stderr");
  }

  worked(bytes: number): void {
    if ((this.#work += bytes) < hostLimits.workBetweenChecks) return;
    this.#work = 0;
    this.meter.look();
    this.hasten();
  }

  /**
   * The host keeps so many bytes more for it: headers, texts, values. They count like objects that it makes, until its instance goes or, where
   * that is reused, has hardly a handle left. Throws where they are too many.
   */
  keeps(bytes: number): void {
    if ((this.#kept += bytes) < heapChunk) return;
    const kept = this.#kept;
    this.#kept = 0;
    this.makeRoom(kept);
  }

  /** Nothing of that is kept any more. */
  keepsNothing(): void {
    this.#kept = this.keptTaken = 0;
  }

  /**
   * Its turn is over below a host function, where it cannot pause. It may go on for a moment: a guest asked for memory
   * is quick, or collects its garbage first. False: it ends.
   */
  mayHold(): boolean {
    const now = monotonic();
    if (this.#heldSince.now === 0) this.#heldSince = { now, cpu: threadTime() };
    return this.#heldFor(now) < this.mostHeld;
  }

  /** How long that moment may be. Milliseconds of CPU time. */
  get mostHeld(): number {
    const { debt, plan } = this.component;
    if (this.nested === 0 || !debt.mayHold) return hostLimits.heldTime;
    return Math.min(plan.limits.cpu * hostLimits.heldShare, hostLimits.heldLongest);
  }

  /** Milliseconds, where they are more than is always allowed. */
  #heldFor(now: number): number {
    const { now: since, cpu } = this.#heldSince;
    return now - since < hostLimits.heldTime ? 0 : threadTime() - cpu;
  }

  surfaced(): void {
    // A start is held as a whole, whatever it asks of the host.
    if (this.nested === 0 && !this.isHeldAtStart) this.endHold();
  }

  /** It starts at a stretch, and may begin its start again so that it pauses. */
  get isHeldAtStart(): boolean {
    return this.entry === "start" && this.startsInTurns === "later";
  }

  /** It holds nobody up any more. */
  endHold(): void {
    if (this.#heldSince.now === 0) return;
    const held = this.#heldFor(monotonic());
    if (held > hostLimits.heldTime) this.component.debt.held(held - hostLimits.heldTime);
    this.#heldSince.now = 0;
    this.meter.look();
    this.hasten();
  }

  fail(code: ErrorCode, message: string): BandstandError {
    this.failure ??= new BandstandError(code, message);
    return this.failure;
  }

  /**
   * Waits until `attempt` succeeds, which also writes its result; at once where it can.
   * Whatever may let it succeed calls `notify`; time does so at `deadline` (`monotonic()`).
   */
  waitFor(attempt: () => boolean, deadline?: number): undefined | Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (attempt()) return undefined;
    if (!this.#mayWait) throw this.cannotWait();
    // What it sends may wait for its body to be complete, and goes out at the latest now; the answer may be there then.
    if (this.exchange?.sendPending() && attempt()) return undefined;
    if (this.failure !== undefined) throw this.failure;
    this.meter.pause();
    this.checkTime();
    if (this.failure !== undefined) throw this.failure;
    return new Promise((resolve, reject) => {
      this.#waiting = new Waiting(this, attempt, deadline, resolve, reject);
      this.pausing.paused();
    });
  }

  /** As `waitFor`, in a function of the asynchronous ABI: what is composed of several goes on meanwhile elsewhere. */
  waitAsTask(attempt: () => boolean): undefined | Promise<void> {
    return this.waitFor(attempt);
  }

  /**
   * Whatever may be different another time comes through here: the time, chance, what others answer. A guest that was
   * entered plainly and has to begin again gets it a second time as it was, so that what `make` does is done once.
   */
  once<T>(make: () => T): T {
    if (this.nested > 0) throw calledOut(this);
    const { exchange } = this;
    if (exchange === undefined) {
      this.#startedByChance = true;
      return make();
    }
    const { journal } = exchange;
    if (this.entry !== "plain") return journal === undefined ? make() : journal.once(make, false);
    if (journal?.full) throw this.cannotWait();
    return (exchange.journal ??= new Journal()).once(make, true);
  }

  /** What `once` makes is asked for no second time. */
  get isOnce(): boolean {
    return this.exchange !== undefined && this.exchange.journal === undefined && this.entry !== "plain";
  }

  /** It may do what cannot be taken back: where it begins again, it goes the same way up to there. */
  get mayAct(): boolean {
    if (this.entry === "plain") return this.component.plan.isolation === "request" && !this.#startedByChance;
    return this.entry !== "start";
  }

  /** Writes a line to the log; what a plainly entered guest writes waits for its end, since it may begin again. False: it was dropped. */
  log(level: LogLevel, text: string, fields: Record<string, string>): boolean {
    if (this.entry === "rehearsal") return false;
    if (this.entry !== "plain" || this.#lines.length >= hostLimits.keptLines)
      return this.component.log.line(level, text, fields);
    this.#lines.push([level, text, fields]);
    return true;
  }

  /** Lines that would be dropped. */
  dropLines(lines: number): void {
    if (this.entry !== "rehearsal") this.component.log.dropLines(lines);
  }

  /** The guest is done: what it logged is written, or forgotten where it begins again. */
  endLog(): void {
    this.stdout.end();
    this.stderr.end();
    if (this.#lines.length === 0) return;
    const lines = this.#lines.splice(0);
    if (!this.mustRestart) for (const line of lines) this.component.log.line(...line);
  }

  /** Why a body ends that was given back before it was finished. */
  unfinished(): BandstandError {
    return this.failure ?? new BandstandError("component-no-answer", "gave a body back without finishing it");
  }

  /** The error for a guest that has to wait and cannot: the request begins again where it was entered plainly. */
  cannotWait(): BandstandError {
    if (this.nested > 0) return calledOut(this);
    this.mustRestart = true;
    if (this.entry === "start") this.component.startsWaiting = true;
    if (this.entry === "start") return this.fail("component-trapped", "waits for something while it starts");
    if (this.entry === "event") return this.fail("component-trapped", "waits for something where it must not");
    return this.fail("component-trapped", "was entered plainly and has to wait");
  }

  /** Ends a guest that used up its time bit by bit, and came to no check. */
  checkTime(): void {
    if (this.meter.isSpent) this.spent();
  }

  /** Its time is used up. */
  spent(): void {
    this.fail("component-cpu", `used more than ${this.component.plan.limits.cpu} ms of CPU time`);
  }

  get #mayWait(): boolean {
    return this.entry === "waiting" || (this.entry === "start" && this.mayWaitAtStart && this.nested === 0);
  }

  /** It can make room for others here. */
  get mayPause(): boolean {
    if (this.nested > 0) return false;
    return this.entry === "waiting" || (this.entry === "start" && this.startsInTurns === "now");
  }

  /** What the host did for it between its events went wrong: a wrong pointer, or a trap where it was asked for memory. */
  failed(error: unknown): void {
    this.end(error instanceof BandstandError ? error : this.fail("component-trapped", `trapped: ${messageOf(error)}`));
    this.meter.pause();
  }

  /** Something happened that the guest may wait for. */
  notify(): void {
    this.#waiting?.tryAgain();
  }

  isWaitingOn(waiting: unknown): boolean {
    return this.#waiting === waiting;
  }

  /** The wait is over, one way or the other. */
  waited(): void {
    this.#waiting = undefined;
    // What ran of the guest to take the result was no running time of its own.
    this.meter.pause();
    this.meter.resumed();
  }

  /** Ends the guest where it waits, or at its next check. The first reason stays. */
  end(reason: BandstandError): void {
    this.failure ??= reason;
    this.abandonWait();
    this.onEnd();
  }

  /** It waits no more, since it ended. */
  protected abandonWait(): void {
    if (this.failure !== undefined) this.#waiting?.abandon(this.failure);
  }
}

class Waiting {
  readonly #guest: Guest;
  readonly #attempt: () => boolean;
  readonly #deadline: number | undefined;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #trying = false;
  #toldMeanwhile = false;

  constructor(
    guest: Guest,
    attempt: () => boolean,
    deadline: number | undefined,
    resolve: () => void,
    reject: (error: unknown) => void,
  ) {
    this.#guest = guest;
    this.#attempt = attempt;
    this.#deadline = deadline;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#arm();
  }

  tryAgain(): void {
    // An attempt that reads may itself cause what it is told of.
    this.#toldMeanwhile = true;
    if (this.#trying) return;
    this.#trying = true;
    try {
      let done = false;
      while (!done && this.#toldMeanwhile) {
        this.#toldMeanwhile = false;
        done = this.#attempt();
      }
      if (!done) return;
    } catch (error) {
      this.abandon(error);
      return;
    } finally {
      this.#trying = false;
    }
    this.#over();
    this.#resolve();
  }

  abandon(error: unknown): void {
    this.#over();
    this.#reject(error);
  }

  #over(): void {
    clearTimeout(this.#timer);
    this.#guest.waited();
  }

  #arm(): void {
    if (this.#deadline === undefined) return;
    // A timer may fire a little early by the finer clock.
    const pause = Math.min(Math.max(Math.ceil(this.#deadline - monotonic()), 1), longestTimer);
    this.#timer = setTimeout(() => {
      this.tryAgain();
      if (this.#guest.isWaitingOn(this)) this.#arm();
    }, pause);
  }
}

function nothing(): void {}
