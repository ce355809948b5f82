// Direction of dependencies: which folder of `src` may import which, as ARCHITECTURE.md draws it.
// Resolves every relative import, so that a folder of the same name elsewhere is no excuse and no mistake.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of `src` → folders that it may import beside itself. A new folder is a line here. */
export const arrows = {
  foundation: [],
  model: ["foundation"],
  wasm: ["model", "foundation"],
  containers: ["model", "foundation"],
  artefacts: ["model", "foundation"],
  toolchains: ["model", "foundation"],
  gateway: ["wasm", "model", "foundation"],
  gitops: ["artefacts", "toolchains", "wasm/prepare", "model", "foundation"],
  node: ["gitops", "gateway", "containers", "artefacts", "wasm", "model", "foundation"],
  cli: ["node", "gitops", "gateway", "containers", "artefacts", "toolchains", "wasm", "model", "foundation"],
};

/** Messages for every import of `files` (path relative to `src` → text) that goes against the arrows. */
export function violations(files) {
  const found = [];
  for (const [path, text] of files) {
    const from = path.split("/")[0];
    const allowed = arrows[from];
    if (allowed === undefined) {
      found.push(`src/${path}: the folder ${from} has no arrows; add it to scripts/check/arrows.mjs`);
      continue;
    }
    for (const [, imported] of text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)) {
      const to = join(dirname(path), imported);
      const mayImport = [from, ...allowed].some((folder) => to.startsWith(`${folder}/`));
      if (!mayImport) found.push(`src/${path}: imports ${to}; ${from} may import ${allowed.join(", ") || "nothing"}`);
    }
  }
  return found;
}

function sources(folder, base = folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path, base);
    return entry.name.endsWith(".ts") ? [[relative(base, path), readFileSync(path, "utf8")]] : [];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = violations(sources(resolve(import.meta.dirname, "../../src")));
  for (const message of found) console.error(message);
  process.exitCode = found.length === 0 ? 0 : 1;
}
