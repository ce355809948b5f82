import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { runQuietly, say, step } from "./progress.mjs";

/** Where Bandstand looks for a Debian with WasmEdge beside the system. */
const folder = "/var/lib/bandstand/wasmedge";

/**
 * WasmEdge for `runtime: wasmedge`, where this Debian has none of its own: the files of Debian 13's packages in a folder,
 * nothing of which is run or configured here. Only tests of that runtime need it; without, they are skipped.
 */
export async function installWasmEdge() {
  const inPath = spawnSync("wasmedge", ["--version"]).status === 0;
  if (inPath || process.env.BANDSTAND_WASMEDGE || existsSync(`${folder}/usr/bin/wasmedge`)) return;
  const beside = `${folder}.${process.pid}`;
  const line = `mmdebstrap --variant=extract --include=wasmedge trixie ${folder}`;
  if (process.getuid?.() !== 0 || spawnSync("mmdebstrap", ["--version"]).status !== 0) {
    say(`WasmEdge is missing, so runtime: wasmedge is not tested; as root: ${line}`);
    return;
  }
  try {
    await step("installing WasmEdge beside the system", async () => {
      mkdirSync(dirname(folder), { recursive: true });
      await runQuietly("mmdebstrap", ["--quiet", "--variant=extract", "--include=wasmedge", "trixie", beside]);
      renameSync(beside, folder);
    });
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    say(`${error.message}\nWasmEdge is missing, so runtime: wasmedge is not tested`);
  }
}
