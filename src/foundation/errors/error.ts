import type { ErrorCode } from "./codes.ts";
import { definitions } from "./codes.ts";

/** Whose doing it is. Decides log level, exit code and HTTP status, never the text. */
export type Fault = "user" | "upstream" | "internal" | "environment";
/** What a caller may do about it: give up, try at once, or try with growing pauses. */
export type Retry = "never" | "now" | "backoff";

/** What one code means to every caller. */
export interface ErrorDefinition {
  fault: Fault;
  retry: Retry;
  /** Status a gateway answers when this error ends a request. */
  status?: number;
}

/** Where and how an error arose; all fields are for people and logs. */
export interface ErrorOptions {
  /** What to do about it, as a sentence or a command. */
  remedy?: string;
  /** What of the site it is about: whoever read the YAML can say where that stands. */
  about?: ErrorSubject;
  /** What failed beside it, of what was tried at once. */
  others?: readonly BandstandError[];
  cause?: unknown;
}

/** One resource of a site. Plain data, so that it passes between threads. */
export interface ErrorSubject {
  /** `Kind/namespace/name`. */
  resource: string;
  /** Of a Gateway or ListenerSet: which of its listeners. */
  listener?: string;
}

/**
 * The one error class of Bandstand. Callers match on `code`; exit codes, HTTP
 * statuses and conditions derive from the fields.
 */
export class BandstandError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly about: ErrorSubject | undefined;
  readonly others: readonly BandstandError[];

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "BandstandError";
    this.code = code;
    this.remedy = options.remedy;
    this.about = options.about;
    this.others = options.others ?? [];
  }

  get fault(): Fault {
    return definitions()[this.code].fault;
  }

  get retry(): Retry {
    return definitions()[this.code].retry;
  }

  /** Status that the gateway answers where this error ends a request. */
  get status(): number {
    return (definitions()[this.code] as ErrorDefinition).status ?? 500;
  }

  /** 1 a problem or failure, 2 a wrong call, 3 the environment lacks something. */
  get exitCode(): 1 | 2 | 3 {
    if (this.code === "usage") return 2;
    return this.fault === "environment" ? 3 : 1;
  }
}

/** The message of anything thrown, for logs and texts. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
