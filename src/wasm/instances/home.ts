import { BandstandError } from "../../foundation/errors/index.ts";
import { longestTimer } from "../../foundation/time/clock.ts";
import { othersRun } from "../../foundation/time/turns.ts";
import type { Entered } from "../async/index.ts";
import type { Crossings } from "../crossing/index.ts";
import type { Callee, EnsembleImports } from "../ensemble/index.ts";
import { nobody, type Guest } from "../host/guest.ts";
import type { KeptHandles } from "../host/handles.ts";
import type { Compiled, ComponentInstance } from "../link/index.ts";
import { Place } from "../link/place.ts";
import { Bindings } from "./bindings.ts";
import { entryOf } from "./exported.ts";
import { isWorn, returnHeap, takeHeap } from "./heap.ts";
import { haveGrown, isFull, makeMemories, renewMemories, Wear } from "./memories.ts";
import { KeptCall, type Call } from "./stacks.ts";
import { hookFor } from "./thread.ts";
import { errorOfTrap, isSuspendError, notStarted } from "./trap.ts";

/** Pages of marks that are restored before a request's answer goes on: 2 MiB, some 0.2 ms. */
const washedAtOnce = 2048;

/** How a guest is entered. plain: it answers at once, and cannot wait. waiting: it answers a promise. */
export type Entry = "plain" | "waiting";
export type Handler = (request: number, outparam: number) => unknown;

/** What of an instance is called. */
interface Called {
  handler: Handler;
  /** The same on a stack that is there already. */
  kept: KeptCall | undefined;
  callback: Entered["callback"];
  /** Of what is composed of several components, some of them asynchronous. */
  callee: Callee | undefined;
}

/** What the exported function is. */
export interface Kind {
  /** It is called asynchronously (WASI 0.3). */
  readonly isService: boolean;
  /** It is a module of WASI 0.1, which runs from its start to its end for each request. */
  readonly isProgram: boolean;
}

/** Where the instances of one seat live: what they are made of, how they start, and what is left when they are gone. */
export class Home {
  readonly #guest: Guest;
  readonly #number: number;
  readonly #compiled: Compiled;
  readonly #exported: string;
  readonly #kind: Kind;
  readonly #wear = new Wear();
  #memories: WebAssembly.Memory[] = [];
  #place: Place | undefined;
  #bindings: Bindings | undefined;
  /** Instances of its place may pause while they start. */
  #mayPause = false;
  /** Handles that the guest held when it had started. */
  #keptHandles: readonly KeptHandles[] | undefined;

  /** Undefined: there is no instance. */
  called: Called | undefined;
  entry: Entry = "plain";
  /** Whose handles its handler takes. */
  owner = 0;
  /** Of what is composed of several components. */
  crossings: Crossings | undefined;
  /** The same, where some of them are asynchronous. */
  ensemble: EnsembleImports | undefined;
  /** An instance is starting, in turns with others. */
  isStarting = false;
  /** Requests that the instance of now has answered. */
  answered = 0;

  /** @param number by which interruption checks know the guest. @param exported the function that is called. */
  constructor(guest: Guest, number: number, compiled: Compiled, exported: string, kind: Kind) {
    this.#guest = guest;
    this.#number = number;
    this.#compiled = compiled;
    this.#exported = exported;
    this.#kind = kind;
  }

  /** It has an instance that may be entered so. */
  isReadyFor(entry: Entry): boolean {
    return this.called !== undefined && this.entry === entry && this.clean;
  }

  /**
   * Starts an instance, where it needs one and starts of this component take long or wait, with turns for others between; undefined
   * where `start` does it at once, or did. Rejects where it does not start. Nothing may be asked of the seat meanwhile.
   */
  starting(entry: Entry): Promise<void> | undefined {
    const { component, startsInTurns } = this.#guest;
    if (startsInTurns === "never" || this.isReadyFor(entry)) return undefined;
    if (component.startsSlowly) return this.startInTurns(entry);
    if (entry !== "waiting") return undefined;
    if (!component.startsWaiting) {
      try {
        this.start(entry);
        return undefined;
      } catch (error) {
        if (!component.startsWaiting && !component.startsSlowly) return Promise.reject(error as BandstandError);
      }
    }
    return this.startInTurns(entry);
  }

  /** Starts an instance with turns for others between. Where it may wait later (`entry`), it may do so meanwhile. */
  async startInTurns(entry: Entry): Promise<void> {
    const guest = this.#guest;
    const { wall } = guest.component.plan.limits;
    const late = (): void => guest.end(new BandstandError("component-wall", `was not there after ${wall} ms`));
    const timer = wall > longestTimer ? undefined : setTimeout(late, wall);
    guest.failure = undefined;
    guest.mustRestart = false;
    guest.mayWaitAtStart = entry === "waiting";
    guest.pausing = nobody;
    guest.startsInTurns = "now";
    this.isStarting = true;
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
      this.isStarting = false;
    }
    this.#started(entry, instance);
  }

  /** Starts an instance at a stretch. Throws where it does not start. */
  start(entry: Entry): void {
    const place = this.#begin(entry, false);
    let instance: ComponentInstance;
    try {
      instance = place.instantiate();
    } catch (error) {
      // It called what may wait, whether it would have to or not.
      if (entry === "waiting" && isSuspendError(error)) this.#guest.component.startsWaiting = true;
      throw this.#notStarted(error);
    } finally {
      this.#guest.meter.pause();
      this.#guest.endHold();
    }
    this.#started(entry, instance);
  }

  /** Makes the place for an instance, where there is none. @param inTurns it pauses while it starts. */
  #begin(entry: Entry, inTurns: boolean): Place {
    const guest = this.#guest;
    const { memories: plans, objects = 0 } = this.#compiled.manifest;
    guest.entry = "start";
    this.answered = 0;
    this.#wear.begin();
    returnHeap(guest);
    this.#forgetCalled();
    takeHeap(guest, objects);
    const isFit = this.#place !== undefined && this.entry === entry && (this.#mayPause || !inTurns) && this.clean;
    if (!isFit || !renewMemories(this.#memories, plans)) this.#make(entry, inTurns);
    guest.meter.start(guest.component.plan.limits.cpu);
    this.crossings?.reset();
    this.ensemble?.ensemble.reset();
    return this.#place!;
  }

  #make(entry: Entry, inTurns: boolean): void {
    const guest = this.#guest;
    const { memories: plans, composition } = this.#compiled.manifest;
    this.discard();
    const made = makeMemories(plans, guest.component.plan.limits.memory);
    this.#memories = made.memories;
    this.entry = entry;
    this.#mayPause = inTurns || entry === "waiting";
    const bindings = new Bindings(guest, composition, { mayWait: entry === "waiting", mayPause: this.#mayPause });
    const { crossings, ensemble } = bindings;
    this.#bindings = bindings;
    this.crossings = crossings;
    this.ensemble = ensemble;
    this.#place = new Place(this.#compiled, {
      ...(crossings && { cross: (...each) => crossings.bind(...each) }),
      ...(ensemble && { cross: (...each) => ensemble.cross(...each) }),
      bind: (use, lowering) => bindings.bind(use, lowering),
      ...made,
      hook: hookFor(this.#mayPause ? "waiting" : "plain"),
      guest: this.#number,
    });
  }

  /** What starting an instance failed of; what is there of it goes. */
  #notStarted(error: unknown): BandstandError {
    const failure = this.failureOf(error);
    this.#guest.handles.reset();
    this.ensemble?.ensemble.reset();
    this.discard();
    return notStarted(failure, error);
  }

  #started(entry: Entry, instance: ComponentInstance): void {
    const guest = this.#guest;
    const place = this.#place!;
    this.#bindings!.attach();
    this.#keptHandles = undefined;
    const holder = this.ensemble?.ensemble ?? guest.handles;
    if (place.resettable && guest.component.plan.isolation === "request" && !holder.keepState) {
      place.keep();
      this.#keptHandles = this.ensemble?.ensemble.keep() ?? [guest.handles.keep()];
    }
    this.called = this.#calledOf(entry, instance);
  }

  #calledOf(entry: Entry, instance: ComponentInstance): Called {
    const { isService, isProgram } = this.#kind;
    const exported = entryOf(instance, this.#exported, isService);
    const { call, callback } = exported;
    this.owner = exported.plan.owner ?? 0;
    if (this.ensemble !== undefined) {
      const plainly = this.ensemble.plainly(exported);
      const handler: Handler = entry === "waiting" ? async (...args) => plainly(...args) : plainly;
      return { handler, kept: undefined, callback, callee: this.ensemble.callee(exported) };
    }
    if (entry === "plain") return { handler: call as Handler, kept: undefined, callback, callee: undefined };
    return {
      handler: WebAssembly.promising(call as never) as Handler,
      kept: isService || isProgram ? undefined : new KeptCall(call as Call),
      callback: callback && WebAssembly.promising(callback as never),
      callee: undefined,
    };
  }

  /** What a guest threw, as the error that ends its request. */
  failureOf(thrown: unknown): BandstandError {
    const { failure, component } = this.#guest;
    if (failure !== undefined) return failure;
    if (thrown instanceof BandstandError) return thrown;
    const { memories } = this.#compiled.manifest;
    return errorOfTrap(thrown, isFull(this.#place?.sizes ?? [], memories, component.plan.limits.memory));
  }

  /** A next request might find no room for what it makes. */
  get isWorn(): boolean {
    const { memories } = this.#compiled.manifest;
    return isWorn(this.#guest) || this.#wear.isWorn(this.#memories, memories, this.#guest.component.plan.limits.memory);
  }

  /** Handles in use. */
  get handles(): number {
    return this.ensemble?.ensemble.size ?? this.#guest.handles.size;
  }

  /** All of it is as it was at first. */
  get clean(): boolean {
    return this.#place?.clean !== false;
  }

  /** Bytes of its memories. */
  get bytes(): number {
    return this.#memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  }

  /** Bytes of memory that a guest grew far, and that it goes on holding. */
  get held(): number {
    return this.#place?.held ?? 0;
  }

  /** Lets the guest look at the time soon. */
  hasten(): void {
    this.#place?.hasten();
  }

  /** Goes on with what a reset left to do. @param most pages of marks, about. */
  wash(most: number): void {
    this.#place?.wash(most);
  }

  /** The instance is as it was when it had started, or will be once it is washed. False: it cannot be. */
  reset(): boolean {
    if (this.called === undefined || this.#keptHandles === undefined) return false;
    // What a guest was in the middle of when it was ended goes too: nothing of it runs any more.
    if (!this.#place!.reset(washedAtOnce)) return false;
    if (this.ensemble === undefined) this.#guest.handles.reset(this.#keptHandles[0]);
    else this.ensemble.ensemble.reset(this.#keptHandles);
    this.crossings?.reset();
    return true;
  }

  /**
   * The instance is gone; another one may begin in its place. @param objects bytes that it made on the engine's heap.
   * @returns bytes of memories that are thrown away with it.
   */
  empty(objects: number): number | undefined {
    if (objects > 0) this.#place?.forget();
    this.#forgetCalled();
    this.#guest.handles.reset();
    this.ensemble?.ensemble.reset();
    const isSpent = this.#place?.isSpent === true || haveGrown(this.#memories, this.#compiled.manifest.memories);
    return isSpent ? this.discard() : undefined;
  }

  /** All of it goes. @returns bytes of its memories. */
  discard(): number {
    const bytes = this.#place?.close() ?? 0;
    this.#place = undefined;
    this.#forgetCalled();
    this.#memories = [];
    this.#bindings = undefined;
    return bytes;
  }

  #forgetCalled(): void {
    this.called?.kept?.forget();
    this.called = undefined;
  }
}
