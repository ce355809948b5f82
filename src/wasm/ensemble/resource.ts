import { DefinedResource } from "../crossing/index.ts";
import type { ResourceUsePlan } from "../link/crossing-plan.ts";
import type { Callee } from "./callee.ts";
import type { Part } from "./part.ts";
import { PartTask, type Caller, type Root } from "./task.ts";

/** What a component does with resources that one of them defines. */
export class PartResource {
  readonly #part: Part;
  readonly #kind: string;
  readonly #destructor: Callee;

  constructor(part: Part, kind: string, destructor: Callee) {
    this.#part = part;
    this.#kind = kind;
    this.#destructor = destructor;
  }

  /** @param operation of `ResourceUsePlan`. */
  use(operation: ResourceUsePlan["kind"]): (value: number) => number | void | Promise<void> {
    return operation === "new" ? this.#make : operation === "rep" ? this.#representation : this.#drop;
  }

  readonly #make = (representation: number): number => {
    this.#part.checkMayLeave("resource.new");
    return this.#part.handles.add(new DefinedResource(this.#kind, representation));
  };

  readonly #representation = (handle: number): number => {
    return this.#part.handles.look<DefinedResource>(handle, this.#kind).representation;
  };

  readonly #drop = (handle: number): void | Promise<void> => {
    const { handles } = this.#part;
    this.#part.checkMayLeave("resource.drop");
    if (handles.giveBack(handle, this.#kind)) return undefined;
    const { representation } = handles.take<DefinedResource>(handle, this.#kind);
    if (this.#destructor.ends.call === undefined) return undefined;
    const { ensemble } = this.#part;
    const caller: Caller = { start: () => [representation], returned() {}, cancelled() {} };
    const task = new PartTask(this.#destructor, caller, ensemble.current?.root ?? nobody);
    return ensemble.begin(task, this.#part);
  };
}

const nobody: Root = { open: 0, entering() {}, left() {}, returned() {}, paused() {}, ended() {} };
