import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** What Podman asks for where nobody says otherwise; more than many machines let a process have. */
const usual = { nofile: 1_048_576, nproc: 32_768 };

interface ConfOptions {
  root?: string | undefined;
  environment: Record<string, string | undefined>;
}

/**
 * The text of a containers.conf for our own service; undefined where the operator has one, which then counts. Podman
 * wants more open files and processes than a machine without CAP_SYS_RESOURCE gives, and then no pod starts; with a
 * store of its own, networks and locks must not be those of the user's store.
 */
export function confFor({ root, environment }: ConfOptions): string | undefined {
  if (root === undefined && hasOwnConf(environment)) return undefined;
  const limits = Object.entries(hardLimits()).map(([name, hard]) => `"${name}=${hard}:${hard}"`);
  const lines = ["[containers]", `default_ulimits = [${limits.join(", ")}]`, 'base_hosts_file = "none"', "[engine]"];
  if (onPath("runc", environment)) lines.push('runtime = "runc"');
  if (root !== undefined) {
    // Shared-memory locks belong to all stores of a user; a new store that finds them gives them out twice.
    lines.push('lock_type = "file"', "[network]", 'network_backend = "netavark"');
    lines.push(`network_config_dir = ${JSON.stringify(join(root, "networks"))}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Hard limits of this process, at most what Podman asks for. */
function hardLimits(): { nofile: number; nproc: number } {
  const text = readFileSync("/proc/self/limits", "utf8");
  const hard = (line: string, usually: number): number => {
    const found = new RegExp(`^${line}\\s+\\S+\\s+(\\S+)`, "m").exec(text)?.[1];
    return found === undefined || found === "unlimited" ? usually : Math.min(usually, Number(found));
  };
  return { nofile: hard("Max open files", usual.nofile), nproc: hard("Max processes", usual.nproc) };
}

function hasOwnConf(environment: Record<string, string | undefined>): boolean {
  if (environment["CONTAINERS_CONF"]) return true;
  const home = environment["XDG_CONFIG_HOME"] ?? join(environment["HOME"] || homedir(), ".config");
  return existsSync("/etc/containers/containers.conf") || existsSync(join(home, "containers", "containers.conf"));
}

/** Whether a program is found on the path, or where Debian keeps such programs. */
export function onPath(program: string, environment: Record<string, string | undefined>): boolean {
  const folders = [
    ...(environment["PATH"] ?? "").split(delimiter),
    "/usr/sbin",
    "/sbin",
    "/usr/libexec/podman",
    "/usr/lib/podman",
  ];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== "";
    } catch {
      return false;
    }
  });
}
