import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, say } from "../setup/progress.mjs";
import { checks, runCheck } from "./check.mjs";

/**
 * What `npm run check` checks, and every test; the last line on stdout is the count. `--demo` runs the demonstration's check
 * first, as one test. Other arguments go to vitest: then only tests are run, and only those.
 */
export async function test({ node, args, env }, build) {
  const rest = args.filter((argument) => argument !== "--demo");
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const one = async (title, work) => {
    say(title);
    const code = await work().catch((error) => (say(error.message), 1));
    counts[code === 0 ? "passed" : "failed"] += 1;
    if (code !== 0) say(`${title}: failed`);
  };

  await one("compile", () => build({ node, env }));
  if (rest.length === 0) {
    for (const check of checks) await one(check[0], () => runCheck(check, { node, env }));
  }
  if (args.includes("--demo")) {
    await one("demonstration", () => run(node, ["scripts/demo.ts", "--check"], { env }));
  }
  // Journeys call the program as it is published.
  const suites = await runVitest(rest, { ...env, BANDSTAND_DIST: "1" });
  for (const key of Object.keys(counts)) counts[key] += suites[key];

  if (counts.skipped > 0) console.log(`${counts.skipped} skipped, for the reasons in their names`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

async function runVitest(args, env) {
  const folder = mkdtempSync(join(tmpdir(), "bandstand-test-"));
  const report = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const code = await run("vitest", ["run", ...reporters, ...args], { env });
    return { ...countsOf(report, code) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that cannot be loaded counts as one failure: it has tests that did not pass. */
function countsOf(report, code) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const broken = result.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((each) => each.status === "failed"),
  ).length;
  const failed = result.numFailedTests + broken;
  return {
    passed: result.numPassedTests,
    // Errors outside of tests fail the run without failing a test.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + (result.numTodoTests ?? 0),
  };
}
