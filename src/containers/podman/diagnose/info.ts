import { broken, fine } from "./finding.ts";
import type { PodmanFinding } from "./finding.ts";
import { fixFor } from "./complaints.ts";
import type { PodmanMachine } from "./machine.ts";

/** What we read of `podman info`. */
interface Info {
  host: { cgroupManager?: string; cgroupVersion?: string; networkBackend?: string; ociRuntime?: { name?: string } };
  store: { graphRoot: string; graphDriverName?: string };
}

/** Bytes that have to be left: an image of some size and its layers. */
const room = 1024 ** 3;

/** How Podman is set up: network, cgroups, store. */
export async function examineInfo(machine: PodmanMachine): Promise<PodmanFinding[]> {
  const { code, stdout, stderr } = await machine.run("podman", ["info", "--format", "json"]);
  const info = code === 0 ? parse(stdout) : undefined;
  if (info === undefined) {
    const said = lastLines(stderr || stdout) || `ended with ${code ?? "nothing"}`;
    return [broken("podman info", said, fixFor(said))];
  }
  return [network(info), cgroups(info, machine), await store(info, machine)];
}

function network({ host: { networkBackend = "unknown" } }: Info): PodmanFinding {
  const subject = "podman's network";
  if (networkBackend === "netavark") return fine(subject, networkBackend);
  const fix = `As root: apt-get install -y netavark aardvark-dns
Then write network_backend = "netavark" under [network] in /etc/containers/containers.conf
An older store keeps its old one until: podman system reset   (which removes all its containers and images)`;
  return broken(subject, `${networkBackend}: containers do not find each other by name, expected netavark`, fix);
}

function cgroups(
  { host: { cgroupManager = "unknown", cgroupVersion = "" } }: Info,
  machine: PodmanMachine,
): PodmanFinding {
  const subject = "cgroups";
  // sd_booted(3).
  const booted = machine.canWrite("/run/systemd/system") || machine.text("/proc/1/comm")?.trim() === "systemd";
  if (cgroupManager === "systemd" && !booted) {
    const fix = 'Write cgroup_manager = "cgroupfs" under [engine] in /etc/containers/containers.conf';
    return broken(subject, "Podman asks systemd for them, which does not run here", fix);
  }
  if (machine.user.id !== 0 && cgroupVersion === "v1") {
    const fix = "Start the kernel with systemd.unified_cgroup_hierarchy=1, or run as root.";
    return broken(subject, "version 1: without root, limits of memory and processors have no effect", fix);
  }
  return fine(subject, `${cgroupVersion || "found"}, by ${cgroupManager}`);
}

async function store(
  { store: { graphRoot, graphDriverName = "" } }: Info,
  machine: PodmanMachine,
): Promise<PodmanFinding> {
  const subject = "podman's store";
  if (!machine.canWrite(graphRoot)) {
    const fix = `Make ${graphRoot} writable, or set graphroot in /etc/containers/storage.conf to a folder that is.`;
    return broken(subject, `${graphRoot} is not writable`, fix);
  }
  const free = await machine.free(graphRoot);
  if (free !== undefined && free < room) {
    const fix = "Make room: podman system prune --all removes images that no container uses.";
    return broken(subject, `${graphRoot} has ${mebibytes(free)} MiB left, expected ${mebibytes(room)} or more`, fix);
  }
  if (graphDriverName === "vfs") {
    const fix = 'Write driver = "overlay" under [storage] in /etc/containers/storage.conf, then: podman system reset';
    return broken(subject, `${graphRoot} uses vfs: every container is a whole copy of its image`, fix);
  }
  return fine(subject, `${graphRoot} (${graphDriverName})`);
}

function parse(text: string): Info | undefined {
  try {
    const info = JSON.parse(text) as Partial<Info>;
    return info.host && typeof info.store?.graphRoot === "string" ? (info as Info) : undefined;
  } catch {
    return undefined;
  }
}

/** The end of what a program said: errors come last. */
export function lastLines(text: string): string {
  return text.trim().split("\n").slice(-3).join("\n").slice(-1000);
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / 1024 ** 2);
}
