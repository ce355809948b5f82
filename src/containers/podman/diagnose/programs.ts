import { installLine } from "../service.ts";
import { fixFor } from "./complaints.ts";
import { broken, fine } from "./finding.ts";
import type { PodmanFinding } from "./finding.ts";
import type { PodmanMachine } from "./machine.ts";

/** The oldest Podman that all of this was tried with. */
export const oldest = [4, 3, 1] as const;

/** Programs that Podman calls, any of the alternatives will do: what for, and the Debian package of the first. */
const helpers = [
  { any: ["conmon"], what: "watches over containers", package: "conmon", who: "all" },
  { any: ["runc", "crun"], what: "starts containers", package: "runc", who: "all" },
  { any: ["netavark"], what: "connects containers", package: "netavark", who: "all" },
  { any: ["aardvark-dns"], what: "lets containers find each other by name", package: "aardvark-dns", who: "all" },
  { any: ["catatonit"], what: "holds a pod together", package: "catatonit", who: "all" },
  { any: ["iptables", "nft"], what: "leads ports", package: "iptables", who: "others" },
  { any: ["iptables-restore"], what: "leads a Service's port to its targetPort", package: "iptables", who: "root" },
  { any: ["nsenter"], what: "leads a Service's port to its targetPort", package: "util-linux", who: "root" },
  { any: ["newuidmap"], what: "gives containers users of their own", package: "uidmap", who: "others" },
  { any: ["newgidmap"], what: "gives containers groups of their own", package: "uidmap", who: "others" },
  { any: ["slirp4netns", "pasta"], what: "connects containers without root", package: "slirp4netns", who: "others" },
] as const;

/** Podman itself; undefined as version where the rest need not be looked at. */
export async function examineProgram(machine: PodmanMachine): Promise<PodmanFinding> {
  const subject = "podman";
  const { code, stdout, stderr } = await machine.run("podman", ["--version"]);
  if (code === undefined && stderr === "ENOENT") return broken(subject, "not installed", `As root: ${installLine}`);
  if (code !== 0) {
    const said = (stderr || stdout).trim() || `ended with ${code}`;
    return broken(subject, `cannot be run: ${said}`, fixFor(said, "As root: apt-get install --reinstall -y podman"));
  }
  return examineVersion(stdout);
}

/** Whether what a Podman calls itself is recent enough. */
export function examineVersion(text: string): PodmanFinding {
  const subject = "podman";
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (found === null) {
    const message = `says ${JSON.stringify(text.trim().slice(0, 80))} of its version`;
    return broken(subject, message, "Put Podman 4.3.1 or later first on the PATH.");
  }
  const version = found.slice(1).map((part = "0") => Number(part));
  const difference = oldest.map((part, index) => (version[index] ?? 0) - part).find((one) => one !== 0) ?? 0;
  const name = version.join(".");
  if (difference >= 0) return fine(subject, name);
  const fix =
    "Install 4.3.1 or later: Debian 12 and Ubuntu 23.04 have it, as root: apt-get update && apt-get install -y podman";
  return broken(subject, `${name} is too old, expected ${oldest.join(".")} or later`, fix);
}

/** What Podman calls; one finding, since one command installs all of it. */
export function examineHelpers(machine: PodmanMachine): PodmanFinding {
  const subject = "podman's helpers";
  const own = machine.user.id === 0 ? "root" : "others";
  const absent = helpers.filter(
    ({ any, who }) => (who === "all" || who === own) && !any.some((program) => machine.hasProgram(program)),
  );
  if (absent.length === 0) return fine(subject, "installed");
  const message = absent.map(({ any, what }) => `${any.join(" or ")} (${what})`).join(", ");
  const packages = [...new Set(absent.map((one) => one.package))].join(" ");
  return broken(subject, `not installed: ${message}`, `As root: apt-get install -y ${packages}`);
}
