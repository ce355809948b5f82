import type { Crossings, KindOf } from "../crossing/index.ts";
import type { EnsembleImports } from "../ensemble/index.ts";
import type { HostUse, Lowering } from "../host/contract.ts";
import type { Guest } from "../host/guest.ts";
import { droppedKind, hostFunction } from "../host/known.ts";
import { GuestMemory } from "../host/memory.ts";
import type { CrossingLowering, HostImport } from "../link/index.ts";
import type { Manifest } from "../link/manifest.ts";
import { parts } from "./parts.ts";

/** What the instances of one place import: functions of the host, and what joins the components of one. */
export class Bindings {
  /** Of what is composed of several components. */
  readonly crossings: Crossings | undefined;
  /** The same, where some of them are asynchronous. */
  readonly ensemble: EnsembleImports | undefined;
  readonly #guest: Guest;
  readonly #mayWait: boolean;
  readonly #bound: { lowering: Lowering; memory: GuestMemory }[] = [];

  /**
   * @param ways mayWait: functions that wait do so on the guest's stack. mayPause: it pauses somewhere, if only while it starts: then
   *   calls between its components go by stacks of their own.
   */
  constructor(guest: Guest, composition: Manifest["composition"], ways: { mayWait: boolean; mayPause: boolean }) {
    this.#guest = guest;
    this.#mayWait = ways.mayWait;
    const isAsync = composition?.parents !== undefined;
    if (composition && !isAsync) this.crossings = new parts.Crossings!(guest, composition, kindOf, ways.mayPause);
    if (isAsync) this.ensemble = new parts.EnsembleImports!(guest, composition!, kindOf, ways.mayPause);
  }

  /** An instance is there: memories that it exports, too. */
  attach(): void {
    for (const { lowering, memory } of this.#bound) memory.attach(lowering);
  }

  /** One import. */
  bind(use: HostUse, lowering: Lowering): HostImport {
    const ensemble = this.ensemble;
    const part = ensemble?.part(lowering.owner);
    const guest = part ?? this.#guest;
    if (use.kind === "drop") {
      const kind = droppedKind(use)!;
      const { handles } = guest;
      const drop = (handle: number): void => handles.drop(handle, kind);
      if (part !== undefined) return ensemble!.host(drop, "a drop", { params: ["i32"], results: [] }, part, false);
      return this.#owned(drop, lowering);
    }
    let memory = this.#bound.find((each) => each.lowering === lowering)?.memory;
    if (memory === undefined) {
      memory = part === undefined ? new GuestMemory(guest, lowering) : ensemble!.memory(part, lowering);
      this.#bound.push({ lowering, memory });
    }
    if (part !== undefined) {
      if (use.kind === "built-in") return ensemble!.builtIn(use, part, memory, lowering as CrossingLowering);
      const found = hostFunction(use)!;
      return ensemble!.host(found.bind(part, memory), use.name, use, part, found.waits);
    }
    const found = use.kind === "built-in" ? undefined : hostFunction(use)!;
    const waits = use.kind === "built-in" ? parts.builtInWaits!(use) : found!.waits;
    const bound = this.#owned(
      use.kind === "built-in" ? parts.builtIn!(use, guest, memory) : found!.bind(guest, memory),
      lowering,
    );
    return waits && this.#mayWait ? new WebAssembly.Suspending(bound as never) : bound;
  }

  /** A function of the host, with the handles of the component that calls it, where there are several. */
  #owned(bound: (...args: never[]) => unknown, { owner }: Lowering): (...args: never[]) => unknown {
    return owner === undefined ? bound : this.crossings!.ofHost(bound, owner);
  }
}

function kindOf({ interface: from, version, resource }: Parameters<KindOf>[0]): string | undefined {
  return droppedKind({ kind: "drop", interface: from, version, resource });
}
