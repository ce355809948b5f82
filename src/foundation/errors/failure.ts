import type { ErrorCode } from "./codes.ts";
import { BandstandError, messageOf, type ErrorSubject } from "./error.ts";

/** A BandstandError on its way between threads, as plain data. */
export interface Failure {
  code: ErrorCode;
  message: string;
  remedy: string | undefined;
  about: ErrorSubject | undefined;
}

/** What another thread is told of an error; of one that is none of ours, that it is `internal`. */
export function failureOf(error: unknown): Failure {
  if (error instanceof BandstandError) {
    const { code, message, remedy, about } = error;
    return { code, message, remedy, about };
  }
  return { code: "internal", message: messageOf(error), remedy: undefined, about: undefined };
}

/** The error that a thread told of. */
export function errorOf({ code, message, remedy, about }: Failure): BandstandError {
  return new BandstandError(code, message, { ...(remedy && { remedy }), ...(about && { about }) });
}
