import { heldType } from "./core-types.ts";
import { initialValue } from "./initial.ts";
import { constantExpression } from "./instruction.ts";
import type { CoreModule, ElementSegment } from "./module.ts";
import { opcode } from "./opcodes.ts";
import { Reader } from "./reader.ts";

/**
 * One element segment. The flags: 1 not active, 2 table or kind named (declared where also 1), 4 expressions.
 * https://webassembly.github.io/spec/core/binary/modules.html#element-section
 */
export function elementSegment(
  reader: Reader,
  module: CoreModule,
  constants: readonly (number | undefined)[],
): ElementSegment {
  const flags = reader.u32("an element segment");
  if (flags > 7) reader.fail(`expected an element segment, got flags ${flags}`);
  const active = (flags & 1) === 0;
  const named = (flags & 2) !== 0;
  const table = active && named ? reader.u32("a table") : 0;
  const offset = active ? constantI32(reader) : undefined;
  const expressions = (flags & 4) !== 0;
  if (!active || named) {
    if (expressions) heldType(reader, module);
    else reader.u8("an element kind");
  }
  const functions: (number | undefined)[] = [];
  for (let n = reader.count("elements", expressions ? 2 : 1); n > 0; n--) {
    functions.push(expressions ? functionReference(reader, module, constants) : reader.u32("a function"));
  }
  return { mode: active ? "active" : named ? "declared" : "passive", table, offset, functions };
}

/** The value of a constant expression; undefined where it is more than one constant. */
export function constantI32(reader: Reader): number | undefined {
  const start = reader.position;
  let length = 0;
  constantExpression(reader, () => void length++);
  if (length !== 2 || reader.bytes[start] !== opcode.i32Const) return undefined;
  const value = new Reader(reader.bytes, start + 1, reader.position, reader.place).s33();
  return value | 0;
}

/** The function that an entry is, where it is nothing else. */
function functionReference(
  reader: Reader,
  module: CoreModule,
  constants: readonly (number | undefined)[],
): number | undefined {
  const start = reader.position;
  if (reader.peek() !== opcode.refFunc) {
    initialValue(reader, module, constants);
    return undefined;
  }
  reader.position = start + 1;
  const index = reader.u32("a function");
  if (reader.u8("the end of the expression") !== opcode.end) reader.fail("expected one instruction", start);
  return index;
}
