import { BandstandError } from "../../foundation/errors/index.ts";
import { monotonic } from "../../foundation/time/clock.ts";
import { nextTurn } from "../../foundation/time/turns.ts";
import type { TaskOwner } from "../async/index.ts";
import { Row } from "../async/row.ts";
import type { Guest } from "../host/guest.ts";
import type { Families, KeptHandles } from "../host/handles.ts";
import { Part } from "./part.ts";
import { Stacks } from "./stacks.ts";
import type { Done, PartTask } from "./task.ts";

/** Milliseconds that one task gets events in a row. */
const slice = 1;
/** Milliseconds of a look at all that wait that are counted as the guest's. */
const worthCounting = 0.02;

/**
 * Several components that one is composed of, of which some are asynchronous: whose code runs, who waits, and who goes on
 * when. One of all their tasks runs at a time.
 */
export class Ensemble {
  readonly parts: readonly Part[];
  readonly stacks = new Stacks();
  /** Parents and children among what the components hold. */
  readonly families: Families = new Map();
  readonly #whole: Guest;
  /** By part: those that are entered with it, from the host. */
  readonly #lines: readonly (readonly number[])[];
  readonly #entered: boolean[] = [];
  /** Calls of the host under way, which fail together. */
  readonly #roots = new Set<TaskOwner>();
  #waiting: PartTask[] = [];
  #current: PartTask | undefined;
  #isArmed = false;
  readonly #row = new Row();
  /** `monotonic()` when what runs was entered. */
  #since = 0;
  /** What was under way before a reset goes on for nobody. */
  #era = {};

  /** @param parents of `CompositionPlan`. @param count of those that run code. */
  constructor(whole: Guest, parents: readonly number[], count: number) {
    this.#whole = whole;
    this.#lines = parents.map((_, part) => {
      const line: number[] = [];
      for (let at = part; at >= 0; at = parents[at]!) line.push(at);
      return line;
    });
    this.parts = Array.from({ length: count }, (_, owner) => new Part(this, whole, owner));
    whole.notify = () => {
      for (const part of this.parts) part.notify();
    };
  }

  get current(): PartTask | undefined {
    return this.#current;
  }

  /** Those that begin to be in the middle of something when `part` is called. */
  #entering(part: Part, caller: Part | undefined): readonly number[] {
    const line = this.#lines[part.owner]!;
    if (caller === undefined) return line;
    const those = this.#lines[caller.owner]!;
    return line.filter((each) => !those.includes(each));
  }

  mayEnter(part: Part, caller: Part | undefined): boolean {
    return this.#entering(part, caller).every((each) => this.#entered[each] !== true);
  }

  /** Begins a task. Throws where its component is in the middle of something. */
  begin(task: PartTask, caller: Part | undefined): Done {
    if (!this.mayEnter(task.part, caller)) {
      const message = `${task.name} is called while its component waits for a call of its own`;
      throw this.#whole.fail("component-trapped", message);
    }
    return this.#turn(task, caller, () => task.begin());
  }

  /** Lets a task go on that is ready. */
  resume(task: PartTask, caller: Part | undefined): Done {
    this.#waiting.splice(this.#waiting.indexOf(task), 1);
    return this.#turn(task, caller, () => task.resume());
  }

  /** It waits from now on. */
  list(task: PartTask): void {
    this.#waiting.push(task);
    this.poke();
  }

  /** Something happened: who waits for it goes on, once nobody else runs. */
  poke(): void {
    if (this.#isArmed || this.#waiting.length === 0) return;
    this.#isArmed = true;
    const era = this.#era;
    const run = (): void => {
      if (era !== this.#era) return;
      if (this.#row.isOver) return nextTurn(run);
      this.#isArmed = false;
      this.#run();
    };
    queueMicrotask(run);
  }

  /** What runs has had its turn. */
  get isTurnOver(): boolean {
    return monotonic() - this.#since > slice;
  }

  /** A call of the host is under way. */
  add(root: TaskOwner): void {
    this.#roots.add(root);
  }

  remove(root: TaskOwner): void {
    this.#roots.delete(root);
  }

  /** What runs for nobody who could be told failed: all ends. */
  crash(error: unknown): void {
    const roots = Array.from(this.#roots);
    for (const root of roots) root.ended({ error });
  }

  /**
   * Ends all that waits on stacks, since the whole fails; undefined: nothing does. Resolves once nothing of the guest's code can run any
   * more. Meanwhile the guest counts as failed, so that its checks end it.
   */
  unwind(error: unknown): Promise<void> | undefined {
    const whole = this.#whole;
    const known = whole.failure;
    whole.failure ??= new BandstandError("component-trapped", "is ended");
    const ends = this.#waiting.map((task) => task.unwind(error)).filter((end) => end !== undefined);
    if (ends.length === 0) {
      whole.failure = known;
      return undefined;
    }
    return Promise.allSettled(ends).then(() => void (whole.failure = known));
  }

  /** The guest was ended: what runs finds out, what waits does not go on. */
  abandon(): void {
    for (const part of this.parts) part.abandon();
    if (this.#current === undefined) this.crash(this.#whole.failure);
  }

  /** Handles in use. */
  get size(): number {
    return this.parts.reduce((sum, { handles }) => sum + handles.size, 0);
  }

  get keepState(): boolean {
    return this.parts.some(({ handles }) => handles.keepState);
  }

  keep(): KeptHandles[] {
    return this.parts.map(({ handles }) => handles.keep());
  }

  /** Nothing of what was under way goes on; handles are those that were kept. */
  reset(kept: readonly KeptHandles[] = []): void {
    this.#era = {};
    this.#waiting = [];
    this.#current = undefined;
    this.#isArmed = false;
    this.#entered.length = 0;
    this.#roots.clear();
    this.families.clear();
    for (const part of this.parts) {
      part.forget();
      part.handles.reset(kept[part.owner]);
    }
  }

  #run(): void {
    // What an instance began while it started goes on with the first call of the host, which has a limit.
    if (this.#current !== undefined || this.#roots.size === 0 || this.#whole.failure !== undefined) return;
    const era = this.#era;
    let going: Done;
    this.#since = monotonic();
    try {
      const next = this.#waiting.find((task) => task.isReady);
      if (next === undefined) {
        this.#row.ran(monotonic() - this.#since);
        this.#since = 0;
        return;
      }
      going = this.resume(next, undefined);
    } catch (error) {
      this.crash(error);
      return;
    }
    if (going === undefined) return;
    going.catch((error: unknown) => {
      if (era === this.#era) this.crash(error);
    });
  }

  #turn(task: PartTask, caller: Part | undefined, body: () => ReturnType<PartTask["resume"]>): Done {
    const era = this.#era;
    const before = this.#current;
    const { tasks } = task.part;
    const outer = tasks.current;
    const entering = this.#entering(task.part, caller);
    for (const each of entering) this.#entered[each] = true;
    this.#current = task;
    tasks.current = task;
    if (before === undefined) {
      task.root.entering();
      // Where many wait, to find the one that may go on is work too.
      const looked = this.#since === 0 ? 0 : monotonic() - this.#since;
      if (looked > worthCounting) this.#whole.meter.took(looked);
      if (this.#since === 0) this.#since = monotonic();
    }
    const over = (): void => {
      if (era !== this.#era) return;
      for (const each of entering) this.#entered[each] = false;
      this.#current = before;
      tasks.current = outer;
      if (before === undefined) {
        this.#row.ran(monotonic() - this.#since);
        this.#since = 0;
        task.root.left();
        task.root.paused();
      }
      this.poke();
    };
    let going: Done;
    try {
      going = task.turn(body);
    } catch (error) {
      over();
      throw error;
    }
    if (going === undefined) return over();
    return going.then(over, (error: unknown) => {
      over();
      throw error;
    });
  }
}
