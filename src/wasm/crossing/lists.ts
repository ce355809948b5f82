import { flatList, flatRepeat } from "../link/flat.ts";
import type { Codec, CoreValues } from "./codec.ts";
import type { End } from "./end.ts";

/** Numbers as they lie in the memory that they come from: copied once, into the other. */
interface Span {
  from: End;
  at: number;
  count: number;
}

/** A list of any length. @param plain its elements are copied byte by byte. */
export function listCodec(element: Codec, plain: boolean): Codec {
  const take = plain ? span : elements;
  const put = plain ? putSpan : putElements;
  return {
    flat: flatList,
    lift: (from, values) => take(from, element, values.number() >>> 0, values.number() >>> 0),
    load: (from, at) => {
      const { view } = from.memory;
      return take(from, element, view.getUint32(at, true), view.getUint32(at + 4, true));
    },
    lower: (to, value, into) => void into.push(...put(to, element, value as never)),
    store(to, value, at) {
      const [pointer, count] = put(to, element, value as never);
      to.memory.view.setUint32(at, pointer, true);
      to.memory.view.setUint32(at + 4, count, true);
    },
  };
}

function span(from: End, { flat }: Codec, pointer: number, count: number): Span {
  from.spend(1, count * flat.size);
  return { from, at: from.memory.from(pointer, count * flat.size, flat.align), count };
}

function putSpan(to: End, { flat }: Codec, { from, at, count }: Span): [number, number] {
  const size = count * flat.size;
  to.spend(1, size);
  const pointer = to.memory.allocate(size, flat.align);
  to.copy(from, at, pointer, size);
  return [pointer, count];
}

function elements(from: End, codec: Codec, pointer: number, count: number): unknown[] {
  const { size, align } = codec.flat;
  let at = from.memory.from(pointer, count * size, align);
  from.foresee(count);
  const found: unknown[] = [];
  for (let n = count; n > 0; n--, at += size) {
    from.spend(1);
    found.push(codec.load(from, at));
  }
  return found;
}

function putElements(to: End, codec: Codec, values: unknown[]): [number, number] {
  const { size, align } = codec.flat;
  to.foresee(values.length);
  const pointer = to.memory.allocate(values.length * size, align);
  let at = pointer;
  for (const value of values) {
    to.spend(1);
    codec.store(to, value, at);
    at += size;
  }
  return [pointer, values.length];
}

/** A list of a fixed length lies where it is, like a record. */
export function repeatCodec(element: Codec, length: number): Codec {
  const { size } = element.flat;
  const each = <T>(make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));
  return {
    flat: flatRepeat(element.flat, length),
    lift: (from, values: CoreValues) => each(() => element.lift(from, values)),
    load(from, at) {
      from.foresee(length);
      return each((i) => {
        from.spend(1);
        return element.load(from, at + i * size);
      });
    },
    lower(to, value, into) {
      for (const one of value as unknown[]) element.lower(to, one, into);
    },
    store(to, value, at) {
      for (const [i, one] of (value as unknown[]).entries()) {
        to.spend(1);
        element.store(to, one, at + i * size);
      }
    },
  };
}
