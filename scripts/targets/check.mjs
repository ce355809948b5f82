import { run, say } from "../setup/progress.mjs";

/** Everything about the sources that a tool can tell without running them. */
export const checks = [
  ["types", "tsc", ["-p", "."]],
  ["lint and file sizes", "oxlint", ["--quiet"]],
  ["format", "oxfmt", ["--check", "src", "sdk", "scripts", "tests"]],
  ["direction of dependencies", "node", ["scripts/check/arrows.mjs"]],
  ["lock file", "node", ["scripts/check/lock.mjs"]],
  ["unused files, exports and packages", "knip", []],
  ["generated schemas", "node", ["scripts/schemas.ts", "--check"]],
  ["generated reference", "node", ["scripts/reference.ts", "--check"]],
  ["lists in documents", "node", ["scripts/check/lists.mjs"]],
  ["links in documents", "node", ["scripts/check/links.mjs"]],
];

/** Runs all of them, also after one has failed. */
export async function check({ node, env }) {
  const failed = [];
  for (const [title, command, args] of checks) {
    const started = Date.now();
    const code = await runCheck([title, command, args], { node, env });
    say(`${code === 0 ? "ok    " : "failed"} ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (code !== 0) failed.push(title);
  }
  if (failed.length > 0) say(`failed: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

/** One of them. Resolves to its exit code. */
export function runCheck([, command, args], { node, env }) {
  return run(command === "node" ? node : command, args, { env });
}
