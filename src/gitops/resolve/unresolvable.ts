import { relative, sep } from "node:path";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { ErrorCode } from "../../foundation/errors/index.ts";
import { whyUnreadable } from "../../foundation/files/index.ts";
import type { ProblemCode, Severity } from "../../model/index.ts";
import type { BuildError, Diagnostic } from "../../toolchains/index.ts";

/** Why one reference of the site leads nowhere; becomes a problem of the resource that holds it. */
export class Unresolvable extends Error {
  readonly code: ProblemCode;
  readonly remedy: string;
  readonly severity: Severity;
  /** Mistakes in sources, with places relative to the folder that was built. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    code: ProblemCode,
    message: string,
    remedy: string,
    severity: Severity = "error",
    diagnostics: readonly Diagnostic[] = [],
  ) {
    super(message);
    this.diagnostics = diagnostics;
    this.name = "Unresolvable";
    this.code = code;
    this.remedy = remedy;
    this.severity = severity;
  }
}

const ofReading: ReadonlySet<string> = new Set(["EACCES", "EPERM", "ENOENT", "ELOOP", "ENXIO", "EIO"]);
const allow = "Give the user that runs Bandstand the right to read it, or name another.";

/** Errors of tools that are the site's fault, and what they are called among problems. */
const faults: Partial<Record<ErrorCode, ProblemCode>> = {
  "build-failed": "build-failed",
  "component-malformed": "component-invalid",
  "component-unsupported": "component-invalid",
  "component-memory": "component-invalid",
  "component-trapped": "component-invalid",
};

/**
 * The same for anything a tool threw, and for what the system does not let us read in the site's folder, `root`. What is not
 * the site's fault (a missing compiler, a defect) is thrown on.
 */
export function toUnresolvable(error: unknown, root: string): Unresolvable {
  if (error instanceof Unresolvable) return error;
  const { code: why = "", path = "" } = error as NodeJS.ErrnoException;
  if (ofReading.has(why) && (path === root || path.startsWith(root + sep))) {
    return new Unresolvable(
      "file-unreadable",
      `${relative(root, path) || "the folder"} ${whyUnreadable(error)}`,
      allow,
    );
  }
  const code = error instanceof BandstandError ? faults[error.code] : undefined;
  if (code === undefined) throw error;
  const remedy = (error as BandstandError).remedy ?? "Correct the component.";
  // Problems have one line each.
  const lines = messageOf(error)
    .split("\n")
    .map((line) => line.trim());
  // By what it holds and not by its class: compilers are loaded where something is built, and not for that.
  const { diagnostics = [] } = error as Partial<BuildError>;
  const placed = diagnostics.filter((each) => each.file !== undefined);
  return new Unresolvable(code, lines.join("; "), remedy, "error", placed);
}
