import { FutureReader, StreamReader, type Elements, type FutureOrigin } from "../async/index.ts";
import type { AsyncCodecs, Codec, End } from "../crossing/index.ts";
import type { Element } from "../host/contract.ts";
import type { Holdable } from "../host/handles.ts";
import { flatHandle } from "../link/flat.ts";
import type { PartEnd } from "./end.ts";

type Reader = StreamReader | FutureReader;

/** Ends of streams and futures move from component to component, as do error contexts. */
export const asyncCodecs: AsyncCodecs = {
  flow: (name, element) => handle((from, given) => take(from, given, name, element), give(name, element)),
  errorContext: handle(
    (from, given) => from.handles.get<Holdable>(given, "error-context"),
    (to, context) => to.handles.add(context as Holdable),
  ),
};

function handle(take: (from: PartEnd, handle: number) => unknown, put: (to: PartEnd, value: unknown) => number): Codec {
  return {
    flat: flatHandle,
    lift: (from, values) => take(from as PartEnd, values.number()),
    load(from, at) {
      from.spend(1);
      return take(from as PartEnd, from.memory.view.getInt32(at, true));
    },
    lower: (to, value, into) => void into.push(put(to as PartEnd, value)),
    store: (to: End, value, at) => to.memory.view.setInt32(at, put(to as PartEnd, value), true),
  };
}

function take(from: PartEnd, given: number, name: "stream" | "future", element: Element): Reader["origin"] {
  const kind = `${name}-reader` as const;
  const end = from.handles.get<Holdable>(given, kind) as Reader;
  const { size, align, type } = end.element;
  const isSame = size === element.size && align === element.align && (type === undefined || type === element.type);
  if (!isSame) throw from.trap(`handle ${given} is a ${kind} of another type`);
  if (end.isCopying || end.isDone) throw from.trap(`${name} ${given} cannot be handed over`);
  if (end.isInSet) throw from.trap(`${name} ${given} is handed over while a set waits for it`);
  from.handles.release(given, kind);
  return end.origin;
}

function give(name: "stream" | "future", element: Element): (to: PartEnd, origin: unknown) => number {
  return (to, origin) => {
    const { tasks } = to.part;
    const reader: Reader =
      name === "stream"
        ? new StreamReader(tasks, element, origin as StreamReader["origin"])
        : new FutureReader(tasks, element, origin as FutureOrigin);
    return (reader.handle = to.handles.add(reader));
  };
}

/** Elements that have to be lifted from one component to the other. */
export class PartElements implements Elements {
  readonly #end: PartEnd;
  readonly #codec: Codec;

  constructor(end: PartEnd, codec: Codec) {
    this.#end = end;
    this.#codec = codec;
  }

  moveTo(to: PartElements, from: number, at: number, count: number): void {
    const [source, target, codec] = [this.#end, to.#end, this.#codec];
    const { size, align } = codec.flat;
    source.begin();
    target.begin();
    source.foresee(count);
    const first = source.memory.from(from, count * size, align);
    const values = Array.from({ length: count }, (_, i) => {
      source.spend(1);
      return codec.load(source, first + i * size);
    });
    const into = target.memory.at(at, count * size, align);
    for (const [i, value] of values.entries()) {
      target.spend(1);
      codec.store(target, value, into + i * size);
    }
  }
}
