import { lstat, readdir, realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";

/** Names of folders that never hold sources: packages and what builds make. */
const skipped = new Set(["node_modules", "build", "dist", "target"]);

const maxFiles = 2000;
const maxBytes = 32 * 1024 * 1024;

/**
 * The source files of a component's folder, relative, with `/`, sorted.
 * Dot files, packages and build output do not count. A link is refused where it leads out of the folder,
 * and so is whatever is neither file nor folder: a build would read what its author did not hand over.
 */
export async function listSources(folder: string): Promise<string[]> {
  const root = await realpath(folder).catch(() => missing(folder));
  const files: string[] = [];
  let bytes = 0;
  const walk = async (path: string): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const full = join(path, entry.name);
      if (entry.name.startsWith(".")) continue;
      if (entry.isSymbolicLink()) await refuseLink(root, full);
      else if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) await walk(full);
      } else if (entry.isFile()) {
        files.push(relative(root, full).split(sep).join("/"));
        bytes += (await lstat(full)).size;
        if (files.length > maxFiles || bytes > maxBytes) throw tooMuch(folder);
      }
    }
  };
  await walk(root);
  return files;
}

/** A link inside the folder names what is walked anyway; one that leads out would smuggle files in. */
async function refuseLink(root: string, path: string): Promise<void> {
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined || target.startsWith(root + sep)) return;
  // Package managers link node_modules to a store outside; nothing below it is a source.
  if (relative(root, path) === "node_modules") return;
  throw new BandstandError("build-failed", `${relative(root, path)} is a link that leads out of ${root}`, {
    remedy: "Copy the file into the component's folder, or remove the link.",
  });
}

function tooMuch(folder: string): BandstandError {
  return new BandstandError(
    "build-failed",
    `${folder} holds more than ${maxFiles} files or ${maxBytes >> 20} MiB of sources`,
    {
      remedy:
        "Point `source` at the component's own folder; build output belongs into `build`, `dist` or a dot folder.",
    },
  );
}

function missing(folder: string): never {
  throw new BandstandError("build-failed", `there is no folder ${folder}`, {
    remedy: "Check the path in `source`; it is relative to the site's folder.",
  });
}
