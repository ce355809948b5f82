import type { CrossingEnds, ResourcePlan, ResourceUsePlan } from "../link/crossing-plan.ts";
import type { CrossingGuest } from "./end.ts";
import { asTrap } from "./failure.ts";
import { DefinedResource } from "./handles.ts";
import type { Instances } from "./instances.ts";

/** What an instance does with resources that one of the instances defines. */
export class ResourceUse {
  readonly #guest: CrossingGuest;
  readonly #instances: Instances;
  readonly #kind: string;
  readonly #caller: number;
  readonly #owner: number;
  readonly #ends: CrossingEnds;

  constructor(
    guest: CrossingGuest,
    instances: Instances,
    use: ResourceUsePlan,
    resource: ResourcePlan & { kind: "defined" },
    kind: string,
    ends: CrossingEnds,
  ) {
    this.#guest = guest;
    this.#instances = instances;
    this.#kind = kind;
    this.#caller = use.caller;
    this.#owner = resource.owner;
    this.#ends = ends;
  }

  readonly make = (representation: number): number => {
    return this.#handles.add(new DefinedResource(this.#kind, representation));
  };

  readonly representation = (handle: number): number => {
    return this.#handles.look<DefinedResource>(handle, this.#kind).representation;
  };

  /** Without waiting. */
  readonly drop = (handle: number): void => {
    const dropped = this.#taken(handle);
    const { call } = this.#ends;
    if (dropped === undefined || call === undefined) return;
    const leave = this.#enter();
    try {
      call(dropped.representation);
    } catch (error) {
      throw asTrap(this.#guest, error, `destructor of ${this.#kind}`);
    }
    leave();
  };

  /** The destructor may wait. */
  readonly dropLater = (handle: number): void | Promise<void> => {
    const dropped = this.#taken(handle);
    const { call } = this.#ends;
    if (dropped === undefined || call === undefined) return undefined;
    const leave = this.#enter();
    const waiting = WebAssembly.promising(call as never) as unknown as (representation: number) => Promise<unknown>;
    return waiting(dropped.representation).then(leave, (error: unknown) => {
      throw asTrap(this.#guest, error, `destructor of ${this.#kind}`);
    });
  };

  /** Undefined where it was only lent, and goes on existing. */
  #taken(handle: number): DefinedResource | undefined {
    const handles = this.#handles;
    if (handles.giveBack(handle, this.#kind)) return undefined;
    return handles.take<DefinedResource>(handle, this.#kind);
  }

  get #handles(): CrossingGuest["handles"] {
    const { handles } = this.#guest;
    handles.use(this.#caller);
    return handles;
  }

  /** An instance may destroy its own; another one must not be in the middle of something. */
  #enter(): () => void {
    const [caller, owner] = [this.#caller, this.#owner];
    if (caller === owner) return nothing;
    const both = this.#instances.enter(caller, owner, `the destructor of ${this.#kind}`);
    return () => this.#instances.leave(caller, owner, both);
  }
}

function nothing(): void {}
