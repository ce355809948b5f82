import type { RawHeaders } from "../../foundation/http/index.ts";
import type { HeaderEdits } from "../../model/plan/index.ts";

/**
 * Compiles a header modifier: `set` replaces all lines of a name by one, `add` appends a line of its own
 * (equal to a list joined by commas, and the only form that Set-Cookie has), `remove` takes all lines away.
 */
export function compileEdits({ set, add, remove }: HeaderEdits): (headers: RawHeaders) => RawHeaders {
  const dropped = new Set([...set.map(({ name }) => name.toLowerCase()), ...remove.map((name) => name.toLowerCase())]);
  const appended = [...set, ...add].flatMap(({ name, value }) => [name, value]);
  return (headers) => {
    const edited: RawHeaders = [];
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string;
      if (!dropped.has(name.toLowerCase())) edited.push(name, headers[index + 1] as string);
    }
    edited.push(...appended);
    return edited;
  };
}
