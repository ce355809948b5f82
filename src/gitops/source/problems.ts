import { kindOfEntry, whyUnreadable, type Entry } from "../../foundation/files/index.ts";
import type { Problem } from "../../model/index.ts";

/** What the system does not let us read, with what to do about just that. */
export function unreadable(file: string, what: "file" | "folder" | "link", error: unknown): Problem {
  const { code = "" } = error as NodeJS.ErrnoException;
  const remedy = remedies[code] ?? "Correct it, or remove it.";
  return problem(file, `the ${what} ${whyUnreadable(error)}`, remedy);
}

const allow = "Give the user that runs Bandstand the right to read it, or remove it.";
const remedies: Partial<Record<string, string>> = {
  EACCES: allow,
  EPERM: allow,
  ELOOP: "Let it lead to a file or folder of the site, or remove it.",
};

/** A link to nothing, which is no file that vanished in the meantime. */
export function leadsNowhere(file: string): Problem {
  return problem(file, "the link leads to nothing", "Let it lead to a file of the site, or remove it.");
}

/** A pipe, a socket or a device by the name of a YAML file. */
export function noFile(file: string, entry: Entry): Problem {
  const remedy = "Remove it, or give it a name that does not end in .yaml, .yml or .json.";
  return problem(file, `it is ${kindOfEntry(entry)}: expected a file`, remedy);
}

function problem(file: string, message: string, remedy: string): Problem {
  return { severity: "error", code: "file-unreadable", message, remedy, file };
}
