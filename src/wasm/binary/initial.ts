import { constantExpression, type Instruction } from "./instruction.ts";
import type { CoreModule } from "./module.ts";
import { objects, opcode } from "./opcodes.ts";
import type { Reader } from "./reader.ts";

/** Bytes that an array takes beside its elements, as V8 has it. */
export const arrayHeader = 24;

/**
 * Reads what a global, a table or an entry of an element segment is initialised with. Notes the functions that it names,
 * and what the objects take that it makes. Answers its value where that is a number known here: an i32 without imports.
 * @param constants values of the globals before it.
 */
export function initialValue(
  reader: Reader,
  module: CoreModule,
  constants: readonly (number | undefined)[],
): number | undefined {
  const stack: (number | undefined)[] = [];
  constantExpression(reader, (found) => {
    if (found.op === opcode.refFunc) module.referenced.push(found.index);
    if (found.op === opcode.gc) made(found, module, stack);
    else follow(found, stack, constants);
  });
  return stack[0];
}

function follow({ op, index, value }: Instruction, stack: (number | undefined)[], constants: readonly unknown[]): void {
  switch (op) {
    case opcode.i32Const:
      stack.push(value);
      return;
    case opcode.globalGet:
      stack.push(constants[index] as number | undefined);
      return;
    case opcode.end:
      return;
    case opcode.i32Add:
    case opcode.i32Sub:
    case opcode.i32Mul: {
      const [second, first] = [stack.pop(), stack.pop()];
      stack.push(first === undefined || second === undefined ? undefined : combined(op, first, second));
      return;
    }
    case opcode.i64Add:
    case opcode.i64Sub:
    case opcode.i64Mul:
      stack.splice(-2, 2, undefined);
      return;
    default:
      stack.push(undefined);
  }
}

function combined(op: number, first: number, second: number): number {
  if (op === opcode.i32Mul) return Math.imul(first, second);
  return (op === opcode.i32Add ? first + second : first - second) | 0;
}

function made({ sub, index, second }: Instruction, module: CoreModule, stack: (number | undefined)[]): void {
  const { bytes = 0, fields = 0 } = module.objects[index] ?? {};
  const array = (length: number): number => arrayHeader + length * bytes;
  switch (sub) {
    case objects.structNew:
      stack.length = Math.max(stack.length - fields, 0);
      module.initialObjects += bytes;
      break;
    case objects.structNewDefault:
      module.initialObjects += bytes;
      break;
    case objects.arrayNew:
    case objects.arrayNewDefault: {
      const length = stack.pop();
      if (sub === objects.arrayNew) stack.pop();
      module.initialObjects += length === undefined ? Infinity : array(length >>> 0);
      break;
    }
    case objects.arrayNewFixed:
      stack.length = Math.max(stack.length - second, 0);
      module.initialObjects += array(second);
      break;
    default:
      // A number of 31 bits, or a reference seen as another.
      stack.pop();
  }
  stack.push(undefined);
}
