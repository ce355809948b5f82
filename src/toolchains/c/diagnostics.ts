import type { Diagnostic } from "../diagnostic/index.ts";

/** Errors of clang (`hello.c:4:3: error: …`) and of its linker (`wasm-ld: error: …`); warnings are left out. */
export function diagnosticsOf(text: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const line of text.split("\n")) {
    const placed = /^(?:\.\/)?([^:\s][^:]*):(\d+):(\d+): (?:fatal )?error: (.*)$/.exec(line);
    if (placed !== null) {
      const [, file = "", row, column, message = ""] = placed;
      found.push({ file, line: Number(row), column: Number(column), message });
      continue;
    }
    const other = /^(?:wasm-ld|clang)(?:-\d+)?: error: (.*)$/.exec(line)?.[1];
    // clang repeats that the linker failed; the linker said why.
    if (other !== undefined && !other.startsWith("linker command failed"))
      found.push({ message: withoutObject(other) });
  }
  return found.length > 0 ? found : [{ message: text.trim().slice(-2000) }];
}

/** `/tmp/hello-1234.o: undefined symbol: x` → `undefined symbol: x`. */
function withoutObject(message: string): string {
  return message.replace(/^\S*\.o: /, "");
}
