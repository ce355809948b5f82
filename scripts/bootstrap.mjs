// One command for a bare clone: sets up what is missing, then runs a target. Runs on Node 20, without packages.
//
//   node scripts/bootstrap.mjs setup|build|test|check|demo|bench|soak|fuzz|guests [ARGUMENTS]
//
// Safe to repeat; the second time, setting up takes no time worth showing.

import { installDebian } from "./setup/debian.mjs";
import { environmentFor, findNode } from "./setup/node.mjs";
import { installPackages } from "./setup/packages.mjs";
import { fail } from "./setup/progress.mjs";
import { targets } from "./targets/targets.mjs";

const [name = "setup", ...args] = process.argv.slice(2);
const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
if (target === undefined) {
  fail(`unknown target ${name}`, `It takes ${Object.keys(targets).join(", ")}.`);
  process.exit(2);
}

try {
  await installPackages();
  const missing = await installDebian(target.needs(args));
  const node = findNode();
  process.exitCode = await target.run({ node, args, missing, env: environmentFor(node) });
} catch (error) {
  fail(error.message, error.remedy);
  process.exitCode = 3;
}
