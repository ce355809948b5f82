import type { Diagnostic } from "../diagnostic/index.ts";
import { entryFile } from "./entry.ts";

/** The generated entry is no file of the author's: its only complaint is put in their words. */
const noHandle: Diagnostic = {
  file: "assembly/index.ts",
  message: "exports no `handle`; expected `export function handle(request: Request): Response`",
};

/**
 * Errors of asc, which come in blocks:
 *
 *     ERROR TS2322: Type '~lib/string/String' is not assignable to type 'i32'.
 *        :
 *      4 │ const x: i32 = "";
 *        └─ in assembly/index.ts(4,16)
 */
export function diagnosticsOf(text: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const block of text.split(/^(?=ERROR |FAILURE |INFO |WARNING )/m)) {
    const message = /^ERROR (?:[A-Z]+\d+: )?(.*)$/m.exec(block)?.[1];
    if (!block.startsWith("ERROR") || message === undefined) continue;
    const place = /└─ in (.+?)\((\d+),(\d+)\)/.exec(block);
    const [, file, line, column] = place ?? [];
    if (file === entryFile) {
      if (message.includes("no exported member 'handle'")) found.push(noHandle);
      continue;
    }
    found.push(file === undefined ? { message } : { file, line: Number(line), column: Number(column), message });
  }
  return found.length > 0 ? found : [{ message: text.trim().slice(-2000) }];
}
