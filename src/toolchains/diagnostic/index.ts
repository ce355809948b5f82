import { BandstandError } from "../../foundation/errors/index.ts";

/** One complaint of a compiler. Line and column count from 1. */
export interface Diagnostic {
  /** Relative to the component's folder. */
  file?: string;
  line?: number;
  column?: number;
  message: string;
}

/** Mistakes in the sources of a component; code `build-failed`. */
export class BuildError extends BandstandError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(what: string, diagnostics: readonly Diagnostic[], remedy: string, cause?: unknown) {
    const shown = diagnostics.slice(0, 10).map((each) => `  ${placeOf(each)}${each.message}`);
    const more = diagnostics.length > 10 ? [`  … and ${diagnostics.length - 10} more`] : [];
    super("build-failed", [what, ...shown, ...more].join("\n"), { remedy, cause });
    this.name = "BuildError";
    this.diagnostics = diagnostics;
  }
}

/** `src/index.ts:4:7: `, or as much of it as is known. */
function placeOf({ file, line, column }: Diagnostic): string {
  if (file === undefined) return "";
  return `${[file, line, column].filter((part) => part !== undefined).join(":")}: `;
}
