import { Edits } from "../http1/edits.ts";
import type { HeaderEdits } from "../../model/plan/index.ts";

/**
 * Compiles a header modifier: `set` replaces all lines of a name by one, `add` appends a line of its own
 * (equal to a list joined by commas, and the only form that Set-Cookie has), `remove` takes all lines away.
 */
export function compileEdits({ set, add, remove }: HeaderEdits): Edits {
  const dropped = [...set.map(({ name }) => name), ...remove];
  return new Edits(
    dropped,
    [...set, ...add].flatMap(({ name, value }) => [name, value]),
  );
}
