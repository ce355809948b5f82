import { Resource, type Holdable } from "../host/handles.ts";
import type { ResourcePlan } from "../link/crossing-plan.ts";
import { flatHandle } from "../link/flat.ts";
import type { Codec } from "./codec.ts";
import type { End } from "./end.ts";

/** What an instance made by `resource.new`: a number that only it can read anything from. */
export class DefinedResource extends Resource {
  readonly kind: string;
  readonly representation: number;

  constructor(kind: string, representation: number) {
    super();
    this.kind = kind;
    this.representation = representation;
  }
}

/** The kind of what a component defines: no resource of the host has a blank in its name. */
export function definedKind(resource: number, name: string): string {
  return `${name} ${resource}`;
}

/**
 * Owned handles move from table to table. Borrowed ones are lent for the time of the call; who defined the resource gets
 * its own number instead.
 */
export function handleCodec(plan: ResourcePlan, kind: string, owned: boolean): Codec {
  const take = owned ? release : borrow;
  const put = owned ? receive : plan.kind === "defined" ? lendDefined(plan.owner) : lend;
  return {
    flat: flatHandle,
    lift: (from, values) => take(from, values.number(), kind),
    load(from, at) {
      from.spend(1);
      return take(from, from.memory.view.getInt32(at, true), kind);
    },
    lower: (to, value, into) => void into.push(put(to, value as Holdable)),
    store: (to, value, at) => to.memory.view.setInt32(at, put(to, value as Holdable), true),
  };
}

function release(from: End, handle: number, kind: string): Holdable {
  return from.release(handle, kind);
}

function borrow(from: End, handle: number, kind: string): Holdable {
  return from.lendOut(handle, kind);
}

function receive(to: End, resource: Holdable): number {
  return to.handles.add(resource);
}

function lend(to: End, resource: Holdable): number {
  return to.borrow(resource);
}

function lendDefined(owner: number): (to: End, resource: Holdable) => number {
  return (to, resource) => (to.owner === owner ? (resource as DefinedResource).representation : lend(to, resource));
}
