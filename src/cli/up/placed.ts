import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { Locate } from "../../gitops/places.ts";
import type { Problem } from "../../model/index.ts";

/** A failure to start or to change a site, as problems: with their places in the YAML where they are about something there. */
export function asProblems(error: unknown, locate: Locate): Problem[] {
  return together(error).map((each) => asProblem(each, locate));
}

function together(error: unknown): unknown[] {
  return error instanceof BandstandError ? [error, ...error.others] : [error];
}

function asProblem(error: unknown, locate: Locate): Problem {
  const { about, remedy } = error instanceof BandstandError ? error : {};
  return {
    severity: "error",
    code: isOfComponent(error) ? "component-invalid" : "resource-failed",
    message: messageOf(error),
    remedy: remedy ?? "See the log.",
    ...(about && { ...locate(about), resource: about.resource }),
  };
}

/** Whether components of the site are why it does not start: what `check` would say if it ran guests. */
export function isOfComponents(error: unknown): boolean {
  return together(error).some(isOfComponent);
}

function isOfComponent(error: unknown): boolean {
  return error instanceof BandstandError && error.about !== undefined && error.code.startsWith("component-");
}

/** The same error, beginning with the place in the YAML that it is about. */
export function placed(error: unknown, locate: Locate): unknown {
  if (!(error instanceof BandstandError) || error.about === undefined) return error;
  const place = locate(error.about);
  if (place === undefined) return error;
  const { code, message, remedy } = error;
  const text = `${place.file}:${place.line}:${place.column}: ${message}`;
  return new BandstandError(code, text, { ...(remedy !== undefined && { remedy }), cause: error });
}
