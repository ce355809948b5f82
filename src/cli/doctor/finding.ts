/** One thing that was looked at. */
export interface Finding {
  subject: string;
  /** missing: not there, and only needed for what the message names. problem: needed, and not there or broken. */
  state: "ok" | "missing" | "problem";
  message: string;
  /** What to do, as commands where possible. */
  fix?: string;
}
