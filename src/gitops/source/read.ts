import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { fileSizeLimit, tooLarge } from "../../model/index.ts";
import type { Problem, SourceFile } from "../../model/index.ts";
import { isIn } from "./names.ts";
import { namedFolders } from "./named.ts";
import { noFile, unreadable } from "./problems.ts";
import type { Candidate, WalkLimits } from "./walk.ts";
import { walk, walkLimits } from "./walk.ts";

/** What a site's folder holds, for `parse`. */
export interface FolderContents {
  /** In stable order; paths relative to the folder, with `/`. */
  files: SourceFile[];
  problems: Problem[];
  /** Folders that some `source:` or build annotation names, relative to the folder. */
  sources: string[];
}

/**
 * Reads the files that may hold resources: `*.yaml`, `*.yml`, `*.json`, recursively, without dot-folders,
 * build output, and folders that a `source:` or build annotation names. Follows no link out of the folder.
 * Never throws; a folder that cannot be read is a problem.
 */
export async function readFolder(folder: string, limits: WalkLimits = walkLimits): Promise<FolderContents> {
  let root: string;
  try {
    root = await realpath(folder);
  } catch (error) {
    return { files: [], problems: [unreadable(".", "folder", error)], sources: [] };
  }
  const found = await walk(root, limits);
  const files: SourceFile[] = [];
  const problems = [...found.problems];
  let left = limits.bytes;
  for (const candidate of found.files) {
    const read = await readCandidate(candidate);
    if ("bytes" in read) files.push(read);
    else problems.push(read);
    left -= "bytes" in read ? read.bytes.length : 0;
    if (left >= 0) continue;
    problems.push(tooMany(candidate.path, limits.bytes));
    break;
  }
  const sources = namedFolders(files);
  const isRead = (path: string | undefined): boolean => !sources.some((source) => isIn(source, path ?? ""));
  return {
    files: files.filter(({ path }) => isRead(path)),
    problems: problems.filter(({ file }) => isRead(file)),
    sources,
  };
}

async function readCandidate({ path, real }: Candidate): Promise<SourceFile | Problem> {
  try {
    // Not blocking: a pipe that took the file's place in the meantime would wait for a writer.
    const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return noFile(path, stats);
      if (stats.size > fileSizeLimit) return tooLarge(path, stats.size);
      return { path, bytes: await handle.readFile() };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return unreadable(path, "file", error);
  }
}

function tooMany(file: string, bytes: number): Problem {
  const message = `YAML and JSON files of the folder have more than ${bytes / 1024 ** 2} MiB together; reading stopped here`;
  const remedy = "Name a folder that holds only the site, and its sources.";
  return { severity: "error", code: "too-many-files", message, remedy, file };
}
