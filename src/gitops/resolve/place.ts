import { realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { kindOfEntry, whyUnreadable } from "../../foundation/files/index.ts";
import { pathInSite } from "../../model/index.ts";
import { Unresolvable } from "./unresolvable.ts";

/** What a path of a resource led to: absolute without links, and relative to the site's folder as it was written. */
export interface Place {
  path: string;
  relative: string;
}

/**
 * Follows a path that a resource names from the file that names it, links included. Throws Unresolvable where it
 * leads out of the site's folder or to nothing of the kind. `root` is a real path.
 */
export async function placeOf(root: string, file: string, written: string, kind: "file" | "folder"): Promise<Place> {
  const relative = pathInSite(file, written);
  if (relative === undefined) throw escapes(written);
  const path = await realpath(join(root, relative)).catch((error: unknown) => {
    throw new Unresolvable(
      "source-missing",
      `${written} ${whyUnreadable(error)} (looked at ${relative} in the site's folder)`,
      correct,
    );
  });
  if (path !== root && !path.startsWith(root + sep)) throw escapes(written);
  const found = await stat(path).then(kindOfEntry, whyUnreadable);
  if (found !== `a ${kind}`) {
    const what = found.startsWith("a ") ? `is ${found}` : found;
    throw new Unresolvable("source-missing", `${written} ${what}: expected a ${kind}`, remedyFor(found, written));
  }
  return { path, relative };
}

/** A component's `source` and `file` are taken for each other. */
function remedyFor(found: string, written: string): string {
  if (found === "a folder") return "A folder that is built is named by source; file names a component that was built.";
  return found === "a file" && written.endsWith(".wasm")
    ? "A component that was built is named by file; source names a folder that is built."
    : correct;
}

const correct = "Correct the path; it is relative to the file that names it.";

function escapes(written: string): Unresolvable {
  const remedy = "Move what it names into the site's folder, and name it by a relative path.";
  return new Unresolvable("escapes-folder", `${written} leads out of the site's folder`, remedy);
}
