// Makes the base image of the examples without any registry: a Debian root from Debian's own packages
// (mmdebstrap, about 25 s), imported into Podman. Does nothing where the image exists. No dependencies.
//
//   node scripts/base-image.mjs [--force] [--mirror URL] [--podman "podman --root DIR"]

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export const image = "localhost/bandstand/debian:12";
/** What the examples' Containerfiles build on, so that their builds need no network. */
const packages = ["redis-server", "python3"];
/** Not needed in a container, and a third of the size. */
const unwanted = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"];

/**
 * Makes the image unless Podman has it. Returns whether it was made.
 * @param {{ force?: boolean, mirror?: string, podman?: string[], log?: (line: string) => void }} options
 */
export function makeBaseImage({ force = false, mirror, podman = ["podman"], log = console.error } = {}) {
  const [program = "podman", ...global] = podman;
  const exists = spawnSync(program, [...global, "image", "exists", image]);
  if (exists.error?.code === "ENOENT") throw missing("podman");
  if (exists.status === 0 && !force) return false;
  const folder = mkdtempSync(join(tmpdir(), "bandstand-base-"));
  try {
    const tar = join(folder, "rootfs.tar");
    log(`base image: installing Debian 12 with ${packages.join(", ")} (about half a minute)`);
    run("mmdebstrap", [
      "--quiet",
      "--variant=minbase",
      `--include=${packages.join(",")}`,
      '--aptopt=APT::Install-Recommends "false"',
      ...unwanted.map((path) => `--dpkgopt=path-exclude=${path}`),
      "bookworm",
      tar,
      ...(mirror === undefined ? [] : [mirror]),
    ]);
    log(`base image: importing as ${image}`);
    run(program, [...global, "import", "--quiet", "--change", 'CMD ["/bin/sh"]', tar, image]);
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program, args) {
  const { status, error, stderr } = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
  if (error?.code === "ENOENT") throw missing(program);
  if (status !== 0) {
    const last = (stderr ?? "").trim().split("\n").slice(-8).join("\n");
    throw new Error(`${program} failed (${status ?? error?.message}):\n${last}`);
  }
}

function missing(program) {
  return new Error(`${program} is not installed. As root: apt-get install -y ${program}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { force: { type: "boolean" }, mirror: { type: "string" }, podman: { type: "string" } },
  });
  try {
    const made = makeBaseImage({ ...values, podman: values.podman?.split(" ") });
    console.log(made ? `made ${image}` : `${image} is there`);
  } catch (error) {
    console.error(`base image: ${error.message}`);
    process.exitCode = 1;
  }
}
