import { subtaskState } from "../../async/index.ts";
import { flatten, host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";

/** How a parameter lies in memory. Reading a case of a variant that it has not does no harm. */
interface Parameter {
  size: number;
  align: 1 | 4 | 8;
  read: (view: DataView, at: number) => (number | bigint)[];
}

/** By the letters of `flatten`. */
const parameters: Record<string, Parameter> = {
  i: { size: 4, align: 4, read: (view, at) => [view.getUint32(at, true)] },
  b: { size: 1, align: 1, read: (view, at) => [view.getUint8(at)] },
  s: { size: 8, align: 4, read: (view, at) => [view.getUint32(at, true), view.getUint32(at + 4, true)] },
  I: { size: 8, align: 8, read: (view, at) => [view.getBigUint64(at, true)] },
  t: {
    size: 24,
    align: 8,
    read: (view, at) => [view.getUint8(at), view.getBigUint64(at + 8, true), view.getUint32(at + 16, true)],
  },
};

/** Flat parameters of an asynchronous lower, beyond which they lie in memory. */
const fewParameters = 4;

type Bind = (guest: Guest, memory: GuestMemory) => (...args: never[]) => void;

/**
 * An asynchronous function of the host that is done at once, in both ways that a guest may take it. `bind` takes flat
 * parameters and the place of the result.
 */
export function atOnce(letters: string, bind: Bind): Function {
  const each = [...letters].map((letter) => parameters[letter]!);
  const flat = flatten(letters);
  const here = host(`${flat}i`, bind);
  if (flat.length <= fewParameters) {
    const async = host(`${flat}i:i`, (guest, memory) => {
      const act = bind(guest, memory) as (...args: unknown[]) => void;
      return (...args) => {
        act(...args);
        return subtaskState.returned;
      };
    });
    return Object.assign(here, { async });
  }
  const read = readerOf(each);
  const async = host("ii:i", (guest, memory) => {
    const act = bind(guest, memory) as (...args: unknown[]) => void;
    return (pointer: number, result: number) => {
      act(...read(memory, pointer), result);
      return subtaskState.returned;
    };
  });
  return Object.assign(here, { async });
}

/** Reads parameters that lie in memory, as the fields of a record do. */
function readerOf(each: readonly Parameter[]): (memory: GuestMemory, pointer: number) => (number | bigint)[] {
  let size = 0;
  const places = each.map((parameter) => {
    const at = Math.ceil(size / parameter.align) * parameter.align;
    size = at + parameter.size;
    return at;
  });
  const align = each.some((parameter) => parameter.align === 8) ? 8 : 4;
  const whole = Math.ceil(size / align) * align;
  return (memory, pointer) => {
    const at = memory.from(pointer, whole, align);
    return each.flatMap(({ read }, i) => read(memory.view, at + places[i]!));
  };
}
