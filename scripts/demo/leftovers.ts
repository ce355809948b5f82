import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** Everything in Podman whose name holds the site's: it is part of all of them. */
export function inPodman(site: string): { kind: string; name: string }[] {
  const lists: [string, string[]][] = [
    ["container", ["ps", "--all", "--format", "{{.Names}}"]],
    ["pod", ["pod", "ps", "--format", "{{.Name}}"]],
    ["network", ["network", "ls", "--format", "{{.Name}}"]],
    ["volume", ["volume", "ls", "--format", "{{.Name}}"]],
    ["image", ["images", "--format", "{{.Repository}}:{{.Tag}}"]],
  ];
  return lists.flatMap(([kind, args]) => {
    const { status, stdout, stderr } = spawnSync("podman", args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`podman ${args.join(" ")}: ${stderr}`);
    const names = stdout.split("\n").filter((name) => name.includes(site));
    return names.map((name) => ({ kind, name }));
  });
}

/** Processes that were started with a path in this folder, by what they are. */
export function processesOf(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return line.includes(folder) ? [`${pid} ${line.slice(0, 120)}`] : [];
      } catch {
        return []; // ended meanwhile
      }
    });
}
