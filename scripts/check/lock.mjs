// Says what package-lock.json lacks. `npm ci` refuses a lock file without the packages of any platform, and npm
// leaves those out that it could not see when it wrote the file: then take versions that the registry has complete.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/progress.mjs";

const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const present = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)));
const wrong = [];

for (const [path, entry] of Object.entries(packages)) {
  const needed = Object.keys({ ...entry.dependencies, ...entry.optionalDependencies });
  for (const name of needed) {
    if (!present.has(name)) wrong.push(`${path || "package.json"} needs ${name}, which has no entry`);
  }
  if (path.includes("node_modules/") && !entry.link && !entry.integrity) wrong.push(`${path} has no integrity`);
}

if (wrong.length > 0) {
  console.error(`package-lock.json is not complete:\n  ${wrong.join("\n  ")}`);
  console.error("Write it anew with Node 26, from nothing: rm package-lock.json; npm install --package-lock-only");
  process.exitCode = 1;
}
