import type { BandstandError } from "../../foundation/errors/index.ts";
import { monotonic } from "../../foundation/time/clock.ts";
import type { Entered, TaskOwner } from "../async/index.ts";
import type { ComponentScope } from "../host/component.ts";
import { Guest } from "../host/guest.ts";
import type { Compiled } from "../link/index.ts";
import { isModuleManifest, type Manifest } from "../link/manifest.ts";
import { threadRoom } from "../link/habits.ts";
import { Crew } from "./crew.ts";
import { exportedOf, isAsync } from "./exported.ts";
import { grantKept, returnHeap, returnKept } from "./heap.ts";
import { Home, type Entry, type Handler } from "./home.ts";
import type { Left } from "./memories.ts";
import { parts } from "./parts.ts";
import { lingers, type Shared, type Working } from "./shared.ts";
import { enter, leave, pressure } from "./thread.ts";

/** Handles that a reused instance may keep from request to request before it is made anew. */
const keptHandles = 1000;
/** With so few, the host keeps hardly anything for an instance that is reused: none need be made anew for the headers of thousands of requests. */
const fewHandles = 32;

/** Calls that one instance works on at a time, where it is reused and called asynchronously. */
const mostCalls = 64;

/** Bytes of objects that an instance may leave to the garbage collector for nothing, where its component owes nothing. */
const freeObjects = 4 << 20;

/** Bytes of memory that are worth to be given back where there is hardly any left. */
const muchMemory = 4 << 20;

/** Of 64 KiB, which are cleared in less than it takes to make another place: each takes some 25 µs where nobody touched it. */
const fewPages = 4;

/** Seats of this thread whose places go on holding much, the last one used last. */
const large = new Set<Seat>();
threadRoom.reclaim = () => void Array.from(large).some((seat) => seat.slim(recently));
threadRoom.giveUp = () => Array.from(large).forEach((seat) => seat.slim(0));
/** Milliseconds. */
const recently = 1000;

/** Where instances of one component live one after the other, one request at a time. */
export class Seat {
  readonly guest: Guest;
  readonly #compiled: Compiled;
  readonly #number: number;
  readonly #home: Home;
  /** `monotonic()` when its last request was done, where its place holds much. */
  #leftAt = 0;

  /** It is called asynchronously (WASI 0.3). */
  readonly isService: boolean;
  /** It is a module of WASI 0.1, which runs from its start to its end for each request. */
  readonly isProgram: boolean;
  /** Calls under way, where it is. */
  readonly visits = new Crew<Shared>();

  /** @param exported the function that is called; without, the one that answers requests. */
  constructor(compiled: Compiled, component: ComponentScope, exported?: string) {
    this.#compiled = compiled;
    this.isProgram = isModuleManifest(compiled.manifest);
    const name = exported ?? exportedOf(compiled, this.isProgram);
    this.isService = isAsync(compiled, name);
    this.guest = new Guest(component);
    if (exported === undefined) this.guest.startsInTurns = "later";
    this.#number = enter(this.guest);
    this.#home = new Home(this.guest, this.#number, compiled, name, this);
    this.guest.hasten = () => this.#home.hasten();
    this.guest.memoryBytes = () => this.#home.bytes;
    this.guest.makeRoom = (bytes) => grantKept(this.guest, bytes);
    this.guest.onEnd = () => {
      // What ends may let a next call in here.
      const visits = this.visits.now();
      this.#home.ensemble?.ensemble.abandon();
      visits.forEach((visit) => visit.instanceEnds());
    };
  }

  /**
   * The handler of an instance that may take a request; a new one where there is none. Throws where it does not start.
   * @param entry plain: it answers at once, and cannot wait. waiting: it answers a promise.
   */
  handler(entry: Entry): Handler {
    const home = this.#home;
    if (!home.isReadyFor(entry)) home.start(entry);
    this.guest.entry = entry;
    if (home.crossings !== undefined) this.guest.handles.use(home.owner);
    return home.called!.handler;
  }

  /** See `Home`. */
  starting(entry: Entry): Promise<void> | undefined {
    return this.#home.starting(entry);
  }

  /** See `Home`. */
  startInTurns(entry: Entry): Promise<void> {
    return this.#home.startInTurns(entry);
  }

  /** Requests that the instance of now has answered. */
  get answered(): number {
    return this.#home.answered;
  }

  /** The handler among the calls of `stacks`, where it waits and its instance has answered before. Undefined: call `handler`. */
  get slot(): number | undefined {
    return this.answered === 0 ? undefined : this.#home.called?.kept?.slot;
  }

  /** A call is under way already. */
  get isShared(): boolean {
    return this.visits.size > 0;
  }

  /** One more call may begin now: the guest waits by returning, and lets others in. */
  get isOpen(): boolean {
    const { tasks, failure } = this.guest;
    const { entry, called, ensemble } = this.#home;
    if (entry !== "plain" || called?.callback === undefined || failure !== undefined) return false;
    // Nobody calls a guest from below itself.
    if (tasks.current !== undefined || ensemble?.ensemble.current !== undefined) return false;
    if (this.#home.isWorn || this.#home.handles > keptHandles * 2 || this.visits.some(lingers)) return false;
    return this.visits.size < mostCalls && this.entered.tasks.backpressure === 0;
  }

  /** Whose handles and tasks those of the called function are. */
  get entered(): Guest {
    return this.#home.ensemble?.part(this.#home.owner) ?? this.guest;
  }

  get manifest(): Manifest {
    return this.#compiled.manifest;
  }

  /** A call that the host makes. */
  task(owner: TaskOwner): Working {
    return this.#compiled.manifest.composition?.parents === undefined
      ? new parts.Task!(this.guest, owner)
      : new parts.HostTask!(owner);
  }

  /** A call failed, and with it the instance: the others go too. */
  fell(failed: Shared): void {
    // What ends may let a next call into a new instance here.
    for (const visit of this.visits.now()) if (visit !== failed) visit.fell();
  }

  /** As `handler`, for one that is called asynchronously. */
  service(entry: Entry): Entered {
    const start = this.handler(entry) as unknown as Entered["start"];
    this.guest.entry = entry === "plain" ? "event" : "waiting";
    const { callback, callee } = this.#home.called!;
    return { start, callback, ...(callee && { callee }) };
  }

  /**
   * After a request: what was spoiled, or must not see a second request, goes. Answers what was thrown away, where that is worth
   * a word. Where it is not `clean` then, it has to be washed before it is used, or is made anew.
   */
  leave(spoiled: boolean): Left | undefined {
    const { guest } = this;
    guest.exchange = undefined;
    guest.endLog();
    guest.failure = undefined;
    if (this.isProgram) guest.command = undefined;
    guest.mustRestart = false;
    guest.wasSlow = false;
    guest.heldUp = false;
    const isReused = guest.component.plan.isolation === "reuse";
    // What was seeded with it goes too.
    if (!isReused || spoiled) guest.insecureSeed = undefined;
    if (isReused && this.#home.handles <= fewHandles) returnKept(guest);
    const isRenewed = this.#renewed(spoiled);
    if (this.isLarge) {
      this.#leftAt = monotonic();
      large.delete(this);
      large.add(this);
    }
    // What a reused instance keeps may still be waited for.
    if (this.isService && !(isRenewed && isReused)) guest.tasks.reset();
    if (isRenewed) this.#home.answered++;
    if (isRenewed && isReused) return undefined;
    const objects = returnHeap(guest);
    // Who owes gets its next instance when others have had their turn.
    const isMuch = objects > (guest.component.debt.isLarge ? 0 : freeObjects);
    const left = isMuch ? { memories: 0, objects } : undefined;
    // What is kept for the next request would be missed elsewhere.
    if (isRenewed && this.#home.bytes > muchMemory && pressure().isHigh)
      return { memories: this.#home.discard(), objects };
    if (isRenewed) return left;
    const memories = this.#home.empty(objects);
    return memories === undefined ? left : { memories, objects };
  }

  /** Gives up a place that goes on holding much, where nobody used it for so many milliseconds. */
  slim(unused: number): boolean {
    const isBusy = this.guest.exchange !== undefined || this.#home.isStarting || this.isShared;
    if (isBusy || monotonic() - this.#leftAt < unused) return false;
    large.delete(this);
    return this.#home.discard() > 0;
  }

  /** It has an instance; where that cannot take a request as it is, the next one is made at once. */
  get isReady(): boolean {
    return this.#home.called !== undefined;
  }

  /** After an only instance: to clear memory of which it may have touched little takes longer than to make it anew. */
  renew(): void {
    if (this.#compiled.manifest.memories.reduce((sum, { minimum }) => sum + minimum, 0) > fewPages)
      this.#home.discard();
  }

  /** All of it is as it was at first. */
  get clean(): boolean {
    return this.#home.clean;
  }

  /** Goes on with what a reset left to do. @param most pages of marks, about. */
  wash(most: number): void {
    this.#home.wash(most);
  }

  /** It goes on holding memory that a guest grew far. */
  get isLarge(): boolean {
    return this.#home.held > 0;
  }

  /** Whether the instance may take the next request: as it is, or as it was at first. */
  #renewed(spoiled: boolean): boolean {
    if (this.guest.component.plan.isolation !== "reuse") return this.#home.reset();
    return !spoiled && !this.isProgram && !this.#home.isWorn && this.#home.handles <= keptHandles;
  }

  /** Gives everything back. */
  close(): void {
    returnHeap(this.guest);
    leave(this.#number);
    large.delete(this);
    this.#home.discard();
  }

  /** What a guest threw, as the error that ends its request. */
  failureOf(thrown: unknown): BandstandError {
    return this.#home.failureOf(thrown);
  }
}
