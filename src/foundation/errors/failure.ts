import type { ErrorCode } from "./codes.ts";
import { BandstandError, messageOf, type ErrorSubject } from "./error.ts";
import { ofSystem } from "./of-system.ts";

/** A BandstandError on its way between threads, as plain data. */
export interface Failure {
  code: ErrorCode;
  message: string;
  remedy: string | undefined;
  about: ErrorSubject | undefined;
  others: Failure[];
}

/** What another thread is told of an error; of one that is neither ours nor the system's, that it is `internal`. */
export function failureOf(thrown: unknown): Failure {
  const error = ofSystem(thrown) ?? thrown;
  if (error instanceof BandstandError) {
    const { code, message, remedy, about, others } = error;
    return { code, message, remedy, about, others: others.map(failureOf) };
  }
  return { code: "internal", message: messageOf(error), remedy: undefined, about: undefined, others: [] };
}

/** The error that a thread told of. */
export function errorOf({ code, message, remedy, about, others }: Failure): BandstandError {
  const more = { others: others.map(errorOf) };
  return new BandstandError(code, message, { ...(remedy && { remedy }), ...(about && { about }), ...more });
}
