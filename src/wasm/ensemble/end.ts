import { End } from "../crossing/index.ts";
import type { Holdable } from "../host/handles.ts";
import type { Lowering } from "../host/contract.ts";
import type { StringEncoding } from "../link/manifest.ts";
import type { Borrower, PartHandles } from "./handles.ts";
import { PartMemory } from "./memory.ts";
import type { Part } from "./part.ts";

/** One side of a call between two components, of which others may be under way. */
export class PartEnd extends End {
  readonly part: Part;
  /** Told of what the call lends while its parameters are taken. */
  lender: { lends(handle: number): void } | undefined;
  /** Who owes what it is lent. */
  borrower: Borrower | undefined;

  constructor(part: Part, options: Lowering & { encoding: StringEncoding }) {
    super(part, options, options.encoding, part.owner, new PartMemory(part, options));
    this.part = part;
  }

  override get handles(): PartHandles {
    return this.part.handles;
  }

  override release(handle: number, kind: string): Holdable {
    return this.part.handles.release(handle, kind);
  }

  override lendOut(handle: number, kind: string): Holdable {
    const found = this.part.handles.lendOut(handle, kind);
    this.lender!.lends(handle);
    return found;
  }

  override borrow(resource: Holdable): number {
    return this.part.handles.borrow(resource, this.borrower!);
  }
}
