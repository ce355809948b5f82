import type { Diagnostic } from "../diagnostic/index.ts";

/**
 * Errors of esbuild, which come in blocks:
 *
 *     ✘ [ERROR] Could not resolve "node:fs"
 *
 *         src/index.ts:1:15:
 */
export function diagnosticsOf(text: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const block of text.split(/^(?=✘ |▲ )/m)) {
    const message = /^✘ \[ERROR\] (.*)$/m.exec(block)?.[1];
    if (message === undefined) continue;
    const [, file, line, column] = /^ {4}(\S.*?):(\d+):(\d+):$/m.exec(block) ?? [];
    // esbuild counts columns from 0.
    found.push(file === undefined ? { message } : { file, line: Number(line), column: Number(column) + 1, message });
  }
  return found.length > 0 ? found : [{ message: text.trim().slice(-2000) }];
}
