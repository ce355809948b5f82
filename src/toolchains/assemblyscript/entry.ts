/** Name of the generated entry, in the copy of the sources; a leading underscore keeps it apart from the author's. */
export const entryFile = "_bandstand.ts";

/** What the compiler's identifiers stand for in the component. */
export const exportNames = new Map([["_handle", "wasi:http/incoming-handler@0.2.0#handle"]]);

/** The alias that asc's `abort` gets, so that a failed assertion stands in the log. */
export const abortAlias = "abort=_bandstand/_abort";

/** The module that connects the author's `handle` with the host. */
export function entryText(reuse: boolean): string {
  return `import { handle } from "./assembly/index";
import { abort } from "@bandstand/sdk/abort";
import { answer } from "@bandstand/sdk/serve";
import { Request } from "@bandstand/sdk/request";

export { cabi_realloc } from "@bandstand/sdk/memory";

export function _handle(incoming: i32, outparam: i32): void {
  const request = new Request(incoming);
  answer(request, handle(request), outparam);
${reuse ? "  // Nothing of the request is on the stack here.\n  __collect();\n" : ""}}

function _abort(message: string | null, file: string | null, line: u32, column: u32): void {
  abort(message, file, line, column);
}
`;
}
