import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Source } from "./guest.ts";

const mostBytes = 256 << 20;

/** A file of a commit of a repository; undefined where either is not there. */
export function fileAt(from: string, repository: string, commit: string, path: string): Buffer | undefined {
  const folder = join(from, repository.replace("/", "+"));
  if (!existsSync(folder)) return undefined;
  const { status, stdout } = spawnSync("git", ["-C", folder, "show", `${commit}:${path}`], { maxBuffer: mostBytes });
  return status === 0 ? stdout : undefined;
}

/** Paths of a commit of a repository; none where either is not there. */
export function pathsAt(from: string, repository: string, commit: string): string[] {
  const folder = join(from, repository.replace("/", "+"));
  const { status, stdout } = spawnSync("git", ["-C", folder, "ls-tree", "-r", "--name-only", commit], {
    maxBuffer: mostBytes,
  });
  return status === 0 ? stdout.toString().split("\n") : [];
}

/** The bytes of a guest, or why they are not there. */
export function bytesOf(source: Source, from: string): Buffer | string {
  if ("made" in source) {
    const path = join(from, "made", source.made);
    return existsSync(path) ? readFileSync(path) : "not made here";
  }
  const bytes = fileAt(from, source.repository, source.commit, source.path);
  if (bytes === undefined) return "not here";
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return sha256 === source.sha256 ? bytes : `is another file: sha256 ${sha256}`;
}
