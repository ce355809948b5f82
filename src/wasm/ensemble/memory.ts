import { GuestMemory } from "../host/memory.ts";
import type { Lowering } from "../host/contract.ts";
import type { Part } from "./part.ts";

/** The memory of one component of several. */
export class PartMemory extends GuestMemory {
  readonly #part: Part;

  constructor(part: Part, lowering: Lowering) {
    super(part, lowering);
    this.#part = part;
  }

  /** `realloc` is a call of its own, which sees nothing of the task that it is made for. */
  override allocate(...wanted: Parameters<GuestMemory["allocate"]>): number {
    const { tasks } = this.#part;
    const { current, startContext } = tasks;
    tasks.current = undefined;
    tasks.startContext = [0, 0];
    try {
      return super.allocate(...wanted);
    } finally {
      tasks.current = current;
      tasks.startContext = startContext;
    }
  }
}
