import { broken, fine } from "./finding.ts";
import type { PodmanFinding } from "./finding.ts";
import type { PodmanMachine } from "./machine.ts";

/** Users that a container may have beside its own. */
const enough = 65_536;

/** What only users other than root need. */
export function examineRootless(machine: PodmanMachine): PodmanFinding[] {
  if (machine.user.id === 0) return [];
  return [subordinates(machine), namespaces(machine), runtimeFolder(machine)];
}

function subordinates(machine: PodmanMachine): PodmanFinding {
  const subject = "subordinate users";
  const { id, name } = machine.user;
  const missing = ["/etc/subuid", "/etc/subgid"].filter((path) => {
    const lines = (machine.text(path) ?? "").split("\n").map((line) => line.trim().split(":"));
    const own = lines.filter(([who]) => who === name || who === String(id));
    return own.reduce((sum, [, , count]) => sum + (Number(count) || 0), 0) < enough;
  });
  if (missing.length === 0) return fine(subject, `${name} has them`);
  const add = `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${name}`;
  const fix = `As root: ${add}\nThen, as ${name}: podman system migrate`;
  return broken(subject, `${missing.join(" and ")} give ${name} fewer than ${enough}`, fix);
}

function namespaces(machine: PodmanMachine): PodmanFinding {
  const subject = "user namespaces";
  const switches = [
    { path: "/proc/sys/kernel/unprivileged_userns_clone", key: "kernel.unprivileged_userns_clone", off: "0", on: "1" },
    { path: "/proc/sys/user/max_user_namespaces", key: "user.max_user_namespaces", off: "0", on: "15000" },
    {
      path: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
      key: "kernel.apparmor_restrict_unprivileged_userns",
      off: "1",
      on: "0",
    },
  ];
  const off = switches.filter(({ path, off: value }) => machine.text(path)?.trim() === value);
  if (off.length === 0) return fine(subject, "allowed");
  const settings = off.map(({ key, on }) => `${key}=${on}`);
  const fix = `As root: sysctl -w ${settings.join(" ")}   (and the same in /etc/sysctl.d/ to keep it)`;
  return broken(
    subject,
    `not allowed to users: ${off.map(({ key, off: value }) => `${key} is ${value}`).join(", ")}`,
    fix,
  );
}

function runtimeFolder(machine: PodmanMachine): PodmanFinding {
  const subject = "runtime folder";
  const folder = machine.environment["XDG_RUNTIME_DIR"];
  const { id, name } = machine.user;
  const fix = `As root: loginctl enable-linger ${name}   (or: install -d -m 700 -o ${name} /run/user/${id})\nThen: export XDG_RUNTIME_DIR=/run/user/${id}`;
  if (folder === undefined || folder === "") return broken(subject, "XDG_RUNTIME_DIR is not set", fix);
  if (!machine.canWrite(folder)) return broken(subject, `${folder}, XDG_RUNTIME_DIR, is not writable`, fix);
  return fine(subject, folder);
}
