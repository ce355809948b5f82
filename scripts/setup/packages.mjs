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
      // No package of ours needs its install scripts, and nobody else's should run.
      runQuietly("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
        excerpt: npmReason,
      }),
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
    if (found === undefined) return entry.optional === true && !isForHere(entry);
    return found.version === entry.version && existsSync(join(root, path, "package.json"));
  });
}

/** Whether a package that only some platforms take is for this one. Those for all come with one that says. */
function isForHere({ os, cpu, libc }) {
  if (os === undefined && cpu === undefined) return false;
  const family = process.report.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
  return [
    [os, process.platform],
    [cpu, process.arch],
    [libc, process.platform === "linux" ? family : undefined],
  ].every(([wanted, here]) => wanted === undefined || wanted.includes(here));
}

/** What of npm's output says why: that comes first, then usage and the path of a log. */
function npmReason(output) {
  const lines = output.split("\n").filter((line) => !line.startsWith("npm warn"));
  const usage = lines.findIndex((line) => /^npm (error|ERR!) (Usage:|Clean install a project)/.test(line));
  const reason = (usage === -1 ? lines : lines.slice(0, usage)).filter((line) => !/^npm (error|ERR!)\s*$/.test(line));
  return reason.length <= 24 ? reason : [...reason.slice(0, 24), `… and ${reason.length - 24} lines more`];
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8"));
  } catch {
    return undefined;
  }
}
