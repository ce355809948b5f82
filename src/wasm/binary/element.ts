import { constantExpression, valueType } from "./instruction.ts";
import type { ElementSegment } from "./module.ts";
import { opcode } from "./opcodes.ts";
import { Reader } from "./reader.ts";

/**
 * One element segment. The flags: 1 not active, 2 table or kind named (declared where also 1), 4 expressions.
 * https://webassembly.github.io/spec/core/binary/modules.html#element-section
 */
export function elementSegment(reader: Reader): ElementSegment {
  const flags = reader.u32("an element segment");
  if (flags > 7) reader.fail(`expected an element segment, got flags ${flags}`);
  const active = (flags & 1) === 0;
  const named = (flags & 2) !== 0;
  const table = active && named ? reader.u32("a table") : 0;
  const offset = active ? constantI32(reader) : undefined;
  const expressions = (flags & 4) !== 0;
  if (!active || named) {
    if (expressions) valueType(reader);
    else reader.u8("an element kind");
  }
  const functions: (number | undefined)[] = [];
  for (let n = reader.count("elements", expressions ? 2 : 1); n > 0; n--) {
    functions.push(expressions ? functionReference(reader) : reader.u32("a function"));
  }
  return { mode: active ? "active" : named ? "declared" : "passive", table, offset, functions };
}

function constantI32(reader: Reader): number | undefined {
  const start = reader.position;
  let length = 0;
  constantExpression(reader, () => void length++);
  if (length !== 2 || reader.bytes[start] !== opcode.i32Const) return undefined;
  const value = new Reader(reader.bytes, start + 1, reader.position, reader.place).s33();
  return value | 0;
}

function functionReference(reader: Reader): number | undefined {
  let found: number | undefined;
  constantExpression(reader, ({ op, index }) => void (op === opcode.refFunc && (found = index)));
  return found;
}
