import { BandstandError } from "../../foundation/errors/index.ts";
import { longestTimer, monotonic } from "../../foundation/time/clock.ts";
import { othersRun } from "../../foundation/time/turns.ts";
import type { Entered, TaskOwner } from "../async/index.ts";
import type { Crossings } from "../crossing/index.ts";
import type { Callee, EnsembleImports } from "../ensemble/index.ts";
import type { ComponentScope } from "../host/component.ts";
import { Guest, nobody } from "../host/guest.ts";
import type { KeptHandles } from "../host/handles.ts";
import { Bindings } from "./bindings.ts";
import type { Compiled, ComponentInstance } from "../link/index.ts";
import { isModuleManifest, type Manifest } from "../link/manifest.ts";
import { threadRoom } from "../link/habits.ts";
import { Place } from "../link/place.ts";
import { Crew } from "./crew.ts";
import { entryOf, exportedOf, isAsync } from "./exported.ts";
import { isWorn, returnHeap, takeHeap } from "./heap.ts";
import { haveGrown, isFull, makeMemories, renewMemories, Wear, type Left } from "./memories.ts";
import { parts } from "./parts.ts";
import { lingers, type Shared, type Working } from "./shared.ts";
import { KeptCall, type Call } from "./stacks.ts";
import { enter, hookFor, leave } from "./thread.ts";
import { errorOfTrap, isSuspendError, notStarted } from "./trap.ts";

/** Pages of marks that are restored before a request's answer goes on: 2 MiB, some 0.2 ms. */
const washedAtOnce = 2048;

/** Handles that a reused instance may keep from request to request before it is made anew. */
const keptHandles = 1000;

/** Calls that one instance works on at a time, where it is reused and called asynchronously. */
const mostCalls = 64;

/** Bytes of objects that an instance may leave to the garbage collector for nothing, where its component owes nothing. */
const freeObjects = 4 << 20;

/** Of 64 KiB, which are cleared in less than it takes to make another place: each takes some 25 µs where nobody touched it. */
const fewPages = 4;

export type Entry = "plain" | "waiting";
export type Handler = (request: number, outparam: number) => unknown;

/** Seats of this thread whose places go on holding much, the last one used last. */
const large = new Set<Seat>();
threadRoom.reclaim = () => void Array.from(large).some((seat) => seat.slim(recently));
/** Milliseconds. */
const recently = 1000;

/** Where instances of one component live one after the other, one request at a time. */
export class Seat {
  readonly guest: Guest;
  readonly #compiled: Compiled;
  readonly #exported: string;
  readonly #number: number;
  #memories: WebAssembly.Memory[] = [];
  readonly #wear = new Wear();
  #place: Place | undefined;
  #handler: Handler | undefined;
  /** The same on a stack that is there already. */
  #kept: KeptCall | undefined;
  #callback: Entered["callback"];
  /** Of what is composed of several components. */
  #crossings: Crossings | undefined;
  /** The same, where some of them are asynchronous. */
  #ensemble: EnsembleImports | undefined;
  #callee: Callee | undefined;
  /** Whose handles its handler takes. */
  #owner = 0;
  #entry: Entry = "plain";
  /** Handles that the guest held when it had started. */
  #keptHandles: readonly KeptHandles[] | undefined;
  /** `monotonic()` when its last request was done, where its place holds much. */
  #leftAt = 0;
  /** An instance is starting, in turns with others. */
  #isStarting = false;
  /** Instances of its place may pause while they start. */
  #mayPause = false;
  #bindings: Bindings | undefined;

  /** It is called asynchronously (WASI 0.3). */
  readonly isService: boolean;
  /** It is a module of WASI 0.1, which runs from its start to its end for each request. */
  readonly isProgram: boolean;
  /** Requests that the instance of now has answered. */
  answered = 0;
  /** Calls under way, where it is. */
  readonly visits = new Crew<Shared>();

  /** @param exported the function that is called; without, the one that answers requests. */
  constructor(compiled: Compiled, component: ComponentScope, exported?: string) {
    this.#compiled = compiled;
    this.isProgram = isModuleManifest(compiled.manifest);
    this.#exported = exported ?? exportedOf(compiled, this.isProgram);
    this.isService = isAsync(compiled, this.#exported);
    this.guest = new Guest(component);
    if (exported === undefined) this.guest.startsInTurns = "later";
    this.guest.hasten = () => this.#place?.hasten();
    this.guest.onEnd = () => {
      // What ends may let a next call in here.
      const visits = this.visits.now();
      this.#ensemble?.ensemble.abandon();
      visits.forEach((visit) => visit.instanceEnds());
    };
    this.#number = enter(this.guest);
  }

  /**
   * The handler of an instance that may take a request; a new one where there is none. Throws where it does not start.
   * @param entry plain: it answers at once, and cannot wait. waiting: it answers a promise.
   */
  handler(entry: Entry): Handler {
    if (this.#handler === undefined || this.#entry !== entry || !this.clean) this.#start(entry);
    this.guest.entry = entry;
    if (this.#crossings !== undefined) this.guest.handles.use(this.#owner);
    return this.#handler!;
  }

  /**
   * Starts an instance, where it needs one and starts of this component take long or wait, with turns for others between; undefined
   * where `handler` does it at once. Rejects where it does not start. Nothing may be asked of the seat meanwhile.
   */
  starting(entry: Entry): Promise<void> | undefined {
    const { component, startsInTurns } = this.guest;
    if (startsInTurns === "never") return undefined;
    if (this.#handler !== undefined && this.#entry === entry && this.clean) return undefined;
    if (component.startsSlowly) return this.startInTurns(entry);
    if (entry !== "waiting") return undefined;
    if (!component.startsWaiting) {
      try {
        this.#start(entry);
        return undefined;
      } catch (error) {
        if (!component.startsWaiting && !component.startsSlowly) return Promise.reject(error as BandstandError);
      }
    }
    return this.startInTurns(entry);
  }

  /** Starts an instance with turns for others between. Where it may wait later (`entry`), it may do so meanwhile. */
  async startInTurns(entry: Entry): Promise<void> {
    const { guest } = this;
    const { wall } = guest.component.plan.limits;
    const late = (): void => guest.end(new BandstandError("component-wall", `was not there after ${wall} ms`));
    const timer = wall > longestTimer ? undefined : setTimeout(late, wall);
    guest.failure = undefined;
    guest.mustRestart = false;
    guest.mayWaitAtStart = entry === "waiting";
    guest.pausing = nobody;
    guest.startsInTurns = "now";
    this.#isStarting = true;
    let instance: ComponentInstance;
    try {
      instance = await this.#begin(entry, true).instantiateInTurns(othersRun);
    } catch (error) {
      throw this.#notStarted(error);
    } finally {
      guest.meter.pause();
      clearTimeout(timer);
      guest.startsInTurns = "later";
      guest.mayWaitAtStart = false;
      this.#isStarting = false;
    }
    this.#started(entry, instance);
  }

  /** The handler among the calls of `stacks`, where it waits and its instance has answered before. Undefined: call `handler`. */
  get slot(): number | undefined {
    return this.answered === 0 ? undefined : this.#kept?.slot;
  }

  /** A call is under way already. */
  get isShared(): boolean {
    return this.visits.size > 0;
  }

  /** One more call may begin now: the guest waits by returning, and lets others in. */
  get isOpen(): boolean {
    const { tasks, failure } = this.guest;
    if (this.#entry !== "plain" || this.#callback === undefined || failure !== undefined) return false;
    // Nobody calls a guest from below itself.
    if (tasks.current !== undefined || this.#ensemble?.ensemble.current !== undefined) return false;
    if (this.#isWorn() || this.#held() > keptHandles * 2 || this.visits.some(lingers)) return false;
    return this.visits.size < mostCalls && this.entered.tasks.backpressure === 0;
  }

  /** A next request might find no room for what it makes. */
  #isWorn(): boolean {
    const { memories } = this.#compiled.manifest;
    return isWorn(this.guest) || this.#wear.isWorn(this.#memories, memories, this.guest.component.plan.limits.memory);
  }

  /** Whose handles and tasks those of the called function are. */
  get entered(): Guest {
    return this.#ensemble?.part(this.#owner) ?? this.guest;
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

  /** Handles in use. */
  #held(): number {
    return this.#ensemble?.ensemble.size ?? this.guest.handles.size;
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
    return { start, callback: this.#callback, ...(this.#callee && { callee: this.#callee }) };
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
    const isRenewed = this.#renewed(spoiled);
    if (this.isLarge) {
      this.#leftAt = monotonic();
      large.delete(this);
      large.add(this);
    }
    // What a reused instance keeps may still be waited for.
    if (this.isService && !(isRenewed && isReused)) guest.tasks.reset();
    if (isRenewed) this.answered++;
    if (isRenewed && isReused) return undefined;
    const objects = returnHeap(guest);
    // Who owes gets its next instance when others have had their turn.
    const isMuch = objects > (guest.component.debt.isLarge ? 0 : freeObjects);
    const left = isMuch ? { memories: 0, objects } : undefined;
    if (isRenewed) return left;
    if (objects > 0) this.#place?.forget();
    this.#forgetHandler();
    this.#callback = undefined;
    this.#callee = undefined;
    guest.handles.reset();
    this.#ensemble?.ensemble.reset();
    if (this.#place?.isSpent || haveGrown(this.#memories, this.#compiled.manifest.memories))
      return { memories: this.#discard(), objects };
    return left;
  }

  /** Gives up a place that goes on holding much, where nobody used it for so many milliseconds. */
  slim(unused: number): boolean {
    if (this.guest.exchange !== undefined || this.#isStarting || this.isShared || monotonic() - this.#leftAt < unused)
      return false;
    this.#discard();
    return true;
  }

  /** It has an instance; where that cannot take a request as it is, the next one is made at once. */
  get isReady(): boolean {
    return this.#handler !== undefined;
  }

  /** After an only instance: to clear memory of which it may have touched little takes longer than to make it anew. */
  renew(): void {
    if (this.#compiled.manifest.memories.reduce((sum, { minimum }) => sum + minimum, 0) > fewPages) this.#discard();
  }

  /** All of it is as it was at first. */
  get clean(): boolean {
    return this.#place?.clean !== false;
  }

  /** Goes on with what a reset left to do. @param most pages of marks, about. */
  wash(most: number): void {
    this.#place?.wash(most);
  }

  /** It goes on holding memory that a guest grew far. */
  get isLarge(): boolean {
    return (this.#place?.held ?? 0) > 0;
  }

  /** Whether the instance may take the next request: as it is, or as it was at first. */
  #renewed(spoiled: boolean): boolean {
    const { handles, component } = this.guest;
    if (component.plan.isolation === "reuse")
      return !spoiled && !this.isProgram && !this.#isWorn() && this.#held() <= keptHandles;
    if (this.#handler === undefined || this.#keptHandles === undefined) return false;
    // What a guest was in the middle of when it was ended goes too: nothing of it runs any more.
    if (!this.#place!.reset(washedAtOnce)) return false;
    if (this.#ensemble === undefined) handles.reset(this.#keptHandles[0]);
    else this.#ensemble.ensemble.reset(this.#keptHandles);
    this.#crossings?.reset();
    return true;
  }

  /** Gives everything back. */
  close(): void {
    returnHeap(this.guest);
    leave(this.#number);
    this.#discard();
  }

  #discard(): number {
    large.delete(this);
    const bytes = this.#place?.close() ?? 0;
    this.#place = undefined;
    this.#forgetHandler();
    this.#memories = [];
    this.#bindings = undefined;
    return bytes;
  }

  #forgetHandler(): void {
    this.#handler = undefined;
    this.#kept?.forget();
    this.#kept = undefined;
  }

  /** What a guest threw, as the error that ends its request. */
  failureOf(thrown: unknown): BandstandError {
    const { guest } = this;
    if (guest.failure !== undefined) return guest.failure;
    if (thrown instanceof BandstandError) return thrown;
    const { memories } = this.#compiled.manifest;
    return errorOfTrap(thrown, isFull(this.#place?.sizes ?? [], memories, guest.component.plan.limits.memory));
  }

  #start(entry: Entry): void {
    const place = this.#begin(entry, false);
    let instance: ComponentInstance;
    try {
      instance = place.instantiate();
    } catch (error) {
      // It called what may wait, whether it would have to or not.
      if (entry === "waiting" && isSuspendError(error)) this.guest.component.startsWaiting = true;
      throw this.#notStarted(error);
    } finally {
      this.guest.meter.pause();
      this.guest.endHold();
    }
    this.#started(entry, instance);
  }

  /** Makes the place for an instance, where there is none. @param inTurns it pauses while it starts. */
  #begin(entry: Entry, inTurns: boolean): Place {
    const { guest } = this;
    const { limits } = guest.component.plan;
    const { memories: plans, objects = 0 } = this.#compiled.manifest;
    guest.entry = "start";
    this.answered = 0;
    this.#wear.begin();
    returnHeap(guest);
    this.#forgetHandler();
    takeHeap(guest, objects);
    const isFit = this.#place !== undefined && this.#entry === entry && (this.#mayPause || !inTurns) && this.clean;
    if (!isFit || !renewMemories(this.#memories, plans)) {
      this.#discard();
      const made = makeMemories(plans, limits.memory);
      this.#memories = made.memories;
      this.#entry = entry;
      this.#mayPause = inTurns || entry === "waiting";
      const ways = { mayWait: entry === "waiting", mayPause: this.#mayPause };
      const bindings = new Bindings(guest, this.#compiled.manifest.composition, ways);
      const { crossings, ensemble } = bindings;
      this.#bindings = bindings;
      this.#crossings = crossings;
      this.#ensemble = ensemble;
      this.#place = new Place(this.#compiled, {
        ...(crossings && { cross: (...each) => crossings.bind(...each) }),
        ...(ensemble && { cross: (...each) => ensemble.cross(...each) }),
        bind: (use, lowering) => bindings.bind(use, lowering),
        ...made,
        hook: hookFor(this.#mayPause ? "waiting" : "plain"),
        guest: this.#number,
      });
    }
    guest.meter.start(limits.cpu);
    this.#crossings?.reset();
    this.#ensemble?.ensemble.reset();
    return this.#place!;
  }

  /** What starting an instance failed of; what is there of it goes. */
  #notStarted(error: unknown): BandstandError {
    const { guest } = this;
    const failure = this.failureOf(error);
    guest.handles.reset();
    this.#ensemble?.ensemble.reset();
    this.#discard();
    return notStarted(failure, error);
  }

  #started(entry: Entry, instance: ComponentInstance): void {
    const { guest } = this;
    const place = this.#place!;
    this.#bindings!.attach();
    this.#keptHandles = undefined;
    const holder = this.#ensemble?.ensemble ?? guest.handles;
    if (place.resettable && guest.component.plan.isolation === "request" && !holder.keepState) {
      place.keep();
      this.#keptHandles = this.#ensemble?.ensemble.keep() ?? [guest.handles.keep()];
    }
    const exported = entryOf(instance, this.#exported, this.isService);
    const { call, callback } = exported;
    this.#owner = exported.plan.owner ?? 0;
    if (this.#ensemble !== undefined) {
      this.#callee = this.#ensemble.callee(exported);
      this.#callback = callback;
      const plainly = this.#ensemble.plainly(exported);
      this.#handler = entry === "waiting" ? async (...args) => plainly(...args) : plainly;
      return;
    }
    this.#handler = entry === "waiting" ? (WebAssembly.promising(call as never) as Handler) : (call as Handler);
    if (entry === "waiting" && !this.isService && !this.isProgram) this.#kept = new KeptCall(call as Call);
    this.#callback = entry === "waiting" && callback ? WebAssembly.promising(callback as never) : callback;
  }
}
