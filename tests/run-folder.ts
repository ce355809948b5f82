import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Temporary files of a run of the tests stand in one folder, which goes with the run however its processes end. What a test,
 * or the program that it runs, has left there by then fails the run: it would be left on a user's machine too.
 */
export default function setup(): () => void {
  const before = process.env["TMPDIR"];
  // Short: paths of sockets, and what Podman takes, end soon.
  const folder = mkdtempSync(join(tmpdir(), "bs-"));
  // Threads and programs of the run inherit both.
  process.env["TMPDIR"] = folder;
  process.env["BANDSTAND_TESTS_BUILT"] = join(folder, "built");
  return () => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    const left = readdirSync(folder).filter((name) => name !== "built");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    if (left.length > 0) throw new Error(`tests left in the temporary folder: ${left.join(", ")}`);
  };
}
