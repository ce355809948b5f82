// Every relative link of the documents leads to a file, and every anchor to a heading.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const skipped = new Set(["node_modules", "dist", ".git", ".cache"]);

function documents(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return documents(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** GitHub's anchors of a document's headings. */
function anchors(text) {
  return new Set(
    [...text.matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

const broken = [];
for (const path of documents(root)) {
  const text = readFileSync(path, "utf8").replaceAll(/```[\s\S]*?```/g, "");
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/i.test(target)) continue;
    const [file = "", anchor] = target.split("#");
    const to = file === "" ? path : resolve(dirname(path), decodeURI(file));
    if (!existsSync(to)) broken.push(`${relative(root, path)}: ${target} leads nowhere`);
    else if (anchor !== undefined && to.endsWith(".md") && !anchors(readFileSync(to, "utf8")).has(anchor)) {
      broken.push(`${relative(root, path)}: ${target}: there is no such heading`);
    }
  }
}
for (const message of broken) console.error(message);
process.exitCode = broken.length === 0 ? 0 : 1;
