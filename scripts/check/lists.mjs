// Lists in documents that must be whole: every dependency with its reason, every decision in the index.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/progress.mjs";

const read = (...path) => readFileSync(join(root, ...path), "utf8");
const missing = [];

const reasons = read("docs/dependencies.md");
const { dependencies, devDependencies, optionalDependencies, overrides } = JSON.parse(read("package.json"));
for (const name of Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides })) {
  if (!reasons.includes(`\`${name}\``)) missing.push(`docs/dependencies.md: no reason for ${name}`);
}

const index = read("docs/decisions/README.md");
for (const name of readdirSync(join(root, "docs/decisions"))) {
  if (/^\d{4}-/.test(name) && !index.includes(`(${name})`))
    missing.push(`docs/decisions/README.md: no line for ${name}`);
}

for (const message of missing) console.error(message);
process.exitCode = missing.length === 0 ? 0 : 1;
