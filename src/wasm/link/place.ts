import { BandstandError } from "../../foundation/errors/index.ts";
import { added } from "../rewrite/names.ts";
import type {
  Compiled,
  ComponentInstance,
  CrossingLowering,
  GuestFunction,
  HostImport,
  InstanceImports,
  InterruptHook,
} from "./instance.ts";
import type { CoreExport, ImportSource, LoweringPlan, Manifest, MemorySource } from "./manifest.ts";
import { exportKey } from "./manifest.ts";
import { freeRoom, Habits, pagesOf, threadRoom } from "./habits.ts";
import { Ends } from "./ends.ts";
import { MarkedMemory } from "./marked-memory.ts";

type Imports = Record<string, Record<string, unknown>>;
/** No bound on what a reset restores at once. Pages of marks. */
const everything = 2 ** 31 - 1;

/**
 * What an entry of a table costs the collector when it is thrown away, in bytes of a memory: V8 takes some 16 for it, but on
 * its heap, where collections come after 16 MiB of garbage already.
 */
const entryBytes = 256;

type Arm = (hook: InterruptHook, guest: number) => unknown;
type Wrap = <F extends (...args: never[]) => unknown>(call: F) => F;
const same: Wrap = (call) => call;

/** One step of the manifest with all that does not change from instance to instance already in it. */
type Ready =
  | {
      kind: "instantiate";
      module: WebAssembly.Module;
      imports: Imports;
      /** What comes from instances made before: put into `imports` each time. */
      later: { into: Record<string, unknown>; name: string; source: CoreExport }[];
      armed: boolean;
    }
  | { kind: "fill"; table: CoreExport; slot: number; source: CoreExport }
  | { kind: "call"; function: CoreExport };

/**
 * A place where instances of one component live one after the other, with memories, host functions and
 * import objects bound once. At most one instance may be in use at a time: they share memories and lowerings.
 *
 * A fresh state for every request, two ways: `instantiate` again (the host zeroes the memories before), or, where
 * `resettable`, `instantiate` and `keep` once and then `reset` after each request.
 */
export class Place {
  readonly #manifest: Manifest;
  readonly #given: InstanceImports;
  readonly #lowerings: CrossingLowering[];
  readonly #ends: Ends;
  readonly #bound = new Map<number, HostImport>();
  readonly #steps: Ready[];
  readonly #marked: MarkedMemory[];
  readonly #habits: Habits;
  #instances: Record<string, unknown>[] = [];
  #restores: (() => number)[] = [];
  #counts: WebAssembly.Global[] = [];
  /** What each memory really had when it was kept. */
  #kept: number[] | undefined;
  /** The memory that is to be restored next, and its page of marks to go on from. */
  #washing = 0;
  #washed = 0;
  #held = 0;
  #spent = false;
  /** By which the last request grew tables, at most. */
  #entries = 0;

  constructor({ manifest, modules }: Compiled, imports: InstanceImports) {
    this.#manifest = manifest;
    this.#given = imports;
    this.#habits = Habits.of(manifest);
    this.#marked = manifest.reset
      ? imports.memories.map((memory, i) => new MarkedMemory(memory, manifest.memories[i]!.data, imports.most?.[i]))
      : [];
    this.#washing = this.#marked.length;
    if (manifest.reset) this.#habits.makeRoom(imports.memories);
    this.#lowerings = manifest.lowerings.map((plan) => this.#lowering(plan));
    this.#ends = new Ends(manifest, this.#lowerings);
    this.#steps = manifest.steps.map((step) => {
      if (step.kind !== "instantiate") return step;
      const ready: Ready & { kind: "instantiate" } = {
        kind: "instantiate",
        module: modules[step.module]!,
        imports: {},
        later: [],
        armed: manifest.modules[step.module]!.interruptible,
      };
      for (const { module, name, source } of step.imports) {
        const into = (ready.imports[module] ??= {});
        if (source.kind === "export") ready.later.push({ into, name, source });
        else into[name] = this.#constant(source);
      }
      return ready;
    });
  }

  /**
   * A new instance of every core module, joined. The host has zeroed the memories. Throws what a trapping
   * start function throws (`WebAssembly.RuntimeError`), and `component-malformed` where types of two modules
   * do not fit each other.
   */
  instantiate(): ComponentInstance {
    this.#begin();
    for (const step of this.#steps) this.#take(step)?.();
    return this.#finish();
  }

  /**
   * The same, with turns for others between: while the guest's own code runs it pauses by its hook, and between two
   * modules `othersRun` is awaited. Rejects with what `instantiate` throws. Calls between the components of one must suspend their
   * caller meanwhile: below JavaScript nothing can pause.
   */
  async instantiateInTurns(othersRun: () => Promise<void>): Promise<ComponentInstance> {
    this.#begin();
    for (const step of this.#steps) {
      const call = this.#take(step, WebAssembly.promising as Wrap);
      if (call === undefined) continue;
      await call();
      await othersRun();
    }
    return this.#finish();
  }

  #begin(): void {
    this.#instances = [];
    this.#restores = [];
    this.#counts = [];
    this.#kept = undefined;
    this.#washing = this.#marked.length;
    for (const [i, marked] of this.#marked.entries()) marked.start(this.#manifest.memories[i]!.minimum);
    for (const lowering of this.#lowerings) lowering.realloc = undefined;
  }

  /** All of a step but the guest's own code that belongs to it. @param wrap makes of a function what is called. */
  #take(step: Ready, wrap: Wrap = same): (() => unknown) | undefined {
    if (step.kind === "instantiate") return this.#make(step, wrap);
    if (step.kind === "fill") {
      (this.#core(step.table) as WebAssembly.Table).set(step.slot, this.#core(step.source));
      return undefined;
    }
    this.#lend();
    return wrap(this.#core(step.function) as () => unknown);
  }

  /** It can be reset: prepared for a fresh state for every request, and nothing in it stands against that. */
  get resettable(): boolean {
    return this.#manifest.reset;
  }

  /**
   * What the instance is now, `reset` goes back to: right after `instantiate`, or after the host has warmed it up.
   * No function of the guest may be running or waiting.
   */
  keep(): void {
    if (!this.#manifest.reset) throw new BandstandError("internal", "a component without marks cannot be reset");
    for (const instance of this.#instances) (instance[added.keep] as () => void)();
    for (const marked of this.#marked) marked.keep(this.#habits.images);
    this.#restores = this.#instances.map((instance) => instance[added.restore] as () => number);
    this.#kept = this.#given.memories.map(pagesOf);
  }

  /**
   * Memories, globals and tables as they were at `keep`. False: something happened that cannot be undone; the
   * place and its memories must not be used again. No function of the guest may be running, or wait and go on later;
   * one that trapped may have been left in the middle of anything.
   * @param most pages of marks to restore at once, about. Where more are marked, the place is not `clean`, and must not
   *   be used before `wash` made it so.
   */
  reset(most = everything): boolean {
    const kept = this.#kept;
    if (kept === undefined) return false;
    let spoiled = 0;
    for (let i = 0; i < this.#restores.length; i++) spoiled += this.#restores[i]!() >>> 0;
    this.#entries = spoiled;
    for (let i = 0; i < kept.length; i++) if (!this.#maySize(i, kept)) spoiled = 1;
    if (spoiled === 0) {
      this.#washing = this.#washed = 0;
      this.wash(most);
      return true;
    }
    // Undoing what is thrown away would only hold up others.
    this.#kept = undefined;
    this.#spent = true;
    return false;
  }

  /** All that `reset` goes back to is as it was. */
  get clean(): boolean {
    return this.#washing === this.#marked.length;
  }

  /** Goes on with what `reset` left: so many pages of marks, about. */
  wash(most: number): void {
    while (this.#washing < this.#marked.length) {
      this.#washed = this.#marked[this.#washing]!.restore(this.#washed, most);
      if (this.#washed >= 0) return;
      this.#washing++;
      this.#washed = 0;
    }
  }

  /** It is used no more: what it held of the thread's room is free for others. Answers how many bytes it leaves behind. */
  close(): number {
    threadRoom.free(this.#held);
    this.#held = 0;
    return this.#given.memories.reduce((sum, { buffer }) => sum + buffer.byteLength, this.#entries * entryBytes);
  }

  /** A reset failed: it must not be used again. */
  get isSpent(): boolean {
    return this.#spent;
  }

  /** Bytes that each memory has for the guest; in truth it may have more, all zero. */
  get sizes(): number[] {
    return this.#given.memories.map(({ buffer }, i) => {
      const marked = this.#marked[i];
      return marked === undefined ? buffer.byteLength : marked.pages * 65_536;
    });
  }

  /** Pages of 64 KiB that a guest grew, which stay in memory though nobody uses them now. */
  get held(): number {
    return this.#held;
  }

  /** What the guest made of a memory's size may stay, once it is small again for the guest. */
  #maySize(memory: number, kept: number[]): boolean {
    const { pages: size, keptPages } = this.#marked[memory]!;
    if (size === keptPages) return true;
    const pages = pagesOf(this.#given.memories[memory]!);
    if (pages === kept[memory]) return true;
    const more = Math.max(pages - keptPages - freeRoom, 0) - Math.max(kept[memory]! - keptPages - freeRoom, 0);
    kept[memory] = pages;
    if (!this.#habits.mayStay(memory, Math.min(pages, keptPages + freeRoom)) || !threadRoom.take(more)) return false;
    this.#held += more;
    return true;
  }

  /** The instance is over, and what it made is not kept from being collected. Only `instantiate` may follow. */
  forget(): void {
    this.#instances = [];
    this.#restores = [];
    this.#counts = [];
    this.#kept = undefined;
    this.#ends.forget();
    for (const lowering of this.#lowerings) lowering.realloc = undefined;
    for (const step of this.#steps) {
      if (step.kind === "instantiate") for (const { into, name } of step.later) into[name] = undefined;
    }
  }

  /** The guest comes to its next check at once, whatever it has left until there: the host did much for it. */
  hasten(): void {
    for (const count of this.#counts) count.value = 0;
  }

  /** As `Lowering.marks`, of a memory that the host supplied; undefined where the component has no marks. */
  marksOf(memory: WebAssembly.Memory): Uint8Array | undefined {
    return this.#marked[this.#given.memories.indexOf(memory)]?.marks;
  }

  #lowering({ memory, encoding, owner }: LoweringPlan): CrossingLowering {
    const own = { realloc: undefined, encoding, ...(owner !== undefined && { owner }) };
    if (memory?.kind !== "supplied") return { memory: undefined, ...own };
    const marks = this.#marked[memory.memory]?.marks;
    return { memory: this.#given.memories[memory.memory], ...own, ...(marks && { marks }) };
  }

  #make({ module, imports, later, armed }: Ready & { kind: "instantiate" }, wrap: Wrap): (() => unknown) | undefined {
    for (const { into, name, source } of later) into[name] = this.#core(source);
    const { exports } = newInstance(module, imports);
    this.#ends.made(this.#instances.push(exports) - 1, exports);
    if (!armed) return undefined;
    this.#counts.push(exports[added.count] as WebAssembly.Global);
    const arm = wrap(exports[added.arm] as Arm);
    return () => arm(this.#given.hook, this.#given.guest);
  }

  #core({ instance, name }: CoreExport): unknown {
    return this.#instances[instance]![name];
  }

  #constant(source: Exclude<ImportSource, { kind: "export" }>): unknown {
    if (source.kind === "supplied") return this.#given.memories[source.memory];
    if (source.kind === "marks") return this.#marked[source.memory]!.beside;
    if (source.kind === "crossing") return this.#crossing(source.crossing);
    const { use, lowering } = source;
    const none = this.#lowerings.length;
    const key = use * (none + 1) + (lowering ?? none);
    let found = this.#bound.get(key);
    if (found === undefined) {
      const options = lowering === undefined ? { memory: undefined, realloc: undefined } : this.#lowerings[lowering]!;
      found = this.#given.bind(this.#manifest.uses[use]!, options);
      this.#bound.set(key, found);
    }
    return found;
  }

  #crossing(index: number): HostImport {
    const found = this.#given.cross?.(
      this.#manifest.composition!.crossings[index]!,
      this.#ends.of[index]!,
      this.#lowerings,
    );
    if (found === undefined)
      throw new BandstandError("internal", "a composed component needs a host that joins its parts");
    return found;
  }

  #memory(source: MemorySource | undefined): WebAssembly.Memory | undefined {
    if (source === undefined) return undefined;
    return source.kind === "supplied"
      ? this.#given.memories[source.memory]
      : (this.#core(source) as WebAssembly.Memory);
  }

  #function<T>(source: CoreExport | undefined): T | undefined {
    return source === undefined ? undefined : (this.#core(source) as T);
  }

  /** What is made so far serves the host already: `_initialize` may ask for its environment (TinyGo's does). */
  #lend(): void {
    const made = this.#instances.length;
    for (const [i, { memory, realloc }] of this.#manifest.lowerings.entries()) {
      const lowering = this.#lowerings[i]!;
      if (memory?.kind !== "export" || memory.instance < made) lowering.memory = this.#memory(memory);
      if (realloc !== undefined && realloc.instance < made) lowering.realloc = this.#function(realloc);
    }
  }

  #finish(): ComponentInstance {
    const { exports: plans } = this.#manifest;
    this.#lend();
    const exports = new Map<string, GuestFunction>();
    for (const plan of plans) {
      exports.set(exportKey(plan), {
        plan,
        call: this.#core(plan.core) as GuestFunction["call"],
        postReturn: this.#function(plan.postReturn),
        callback: this.#function(plan.callback),
        lowering: {
          ...this.#lowering({ ...plan, encoding: "utf8" }),
          memory: this.#memory(plan.memory),
          realloc: this.#function(plan.realloc),
        },
      });
    }
    const used = plans.find(({ memory }) => memory !== undefined)?.memory;
    return { exports, memory: this.#memory(used) ?? this.#given.memories[0] };
  }
}

function newInstance(module: WebAssembly.Module, imports: Imports): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (cause) {
    if (!(cause instanceof WebAssembly.LinkError)) throw cause;
    throw new BandstandError("component-malformed", `core modules do not fit each other: ${cause.message}`, {
      cause,
      remedy: "Build the component again; if that gives the same, its toolchain is at fault.",
    });
  }
}
