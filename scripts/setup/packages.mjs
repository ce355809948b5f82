import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { root, runQuietly, step } from "./progress.mjs";

const stamp = join(root, "node_modules/.bandstand-setup");

/** Installs npm packages as package-lock.json says, unless they are there. */
export async function installPackages() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(`${process.platform} ${process.arch}`)
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  if (!matchesLock()) {
    await step("installing npm packages", () =>
      // No package of ours needs its install scripts, and nobody else's should run. Not `npm ci`: it refuses a lock
      // file that lacks a package of any other platform, and mirrors do not carry all of them.
      runQuietly("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]),
    );
  }
  writeFileSync(stamp, wanted);
}

/** Whether what npm last wrote into node_modules is what the lock file says: then installing would only cost time. */
function matchesLock() {
  const installed = readJson("node_modules/.package-lock.json")?.packages;
  const wanted = readJson("package-lock.json")?.packages;
  if (installed === undefined || wanted === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith("node_modules/") || entry.link) return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && existsSync(join(root, path, "package.json"));
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8"));
  } catch {
    return undefined;
  }
}
