import { isIP } from "node:net";
import { posix } from "node:path";
import { BandstandError } from "../foundation/errors/index.ts";
import type { ContainerPlan, PodPlan } from "../model/plan/index.ts";

/** What the baseline of the Pod Security Standards lets containers add. */
const capabilities: ReadonlySet<string> = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);
/** What an engine makes files, containers and volumes of: no separators, no dots that lead elsewhere. */
const plainName = /^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/;
const hostName = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;
/** `[host[:port]/]path[:tag][@digest]`: never a transport as `dir:/etc` or `docker-archive:/x`. */
const imageName =
  /^(?:[a-zA-Z0-9.-]+(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:[./]|_{1,2}|-+)[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
const volumeTypes: ReadonlySet<string> = new Set(["claim", "empty", "files"]);

/**
 * The second lock in front of what runs containers: the diagnosis and the planner refuse the same with a place in the
 * YAML. What comes here may also be an old plan from disk. Throws `pod-refused`; only `privileged` namespaces, which the
 * operator names, leave the baseline.
 */
export function refusePod(plan: PodPlan, privileged: readonly string[] = []): void {
  const lifted = privileged.includes(plan.workload.namespace);
  const breaches = [
    ...badNames("pod", [plan.name]),
    ...(hostName.test(plan.hostname) ? [] : [`host name ${quoted(plan.hostname)}`]),
    ...plan.aliases.filter((alias) => !hostName.test(alias)).map((alias) => `name ${quoted(alias)} in the network`),
    ...badNames(
      "volume",
      plan.volumes.map(({ name }) => name),
    ),
    ...plan.volumes.flatMap((volume) =>
      volumeTypes.has(volume.type) ? [] : [`volume of type ${quoted(volume.type)}`],
    ),
    ...badNames(
      "claim",
      plan.volumes.flatMap((volume) => (volume.type === "claim" ? [volume.volume] : [])),
    ),
    ...plan.hostAliases.flatMap(({ ip, hostnames }) => [
      ...(isIP(ip) === 0 ? [`address ${quoted(ip)} in hostAliases`] : []),
      ...hostnames.filter((name) => !hostName.test(name)).map((name) => `host name ${quoted(name)} in hostAliases`),
    ]),
    ...[...plan.initContainers, ...plan.containers].flatMap((container) => inContainer(container, lifted)),
  ];
  if (breaches.length === 0) return;
  throw new BandstandError("pod-refused", `pod ${quoted(plan.name)} is refused: ${breaches.join("; ")}`, {
    remedy: "Run `bandstand check` on the folder: it says where each of these stands and what is allowed.",
  });
}

function inContainer({ name, image, security, mounts, ports }: ContainerPlan, lifted: boolean): string[] {
  const beyond = security.addCapabilities.filter((capability) => !capabilities.has(capability));
  return [
    ...badNames("container", [name]),
    ...(image.length <= 512 && imageName.test(image) ? [] : [`image ${quoted(image)}`]),
    ...(security.privileged && !lifted ? [`container ${quoted(name)} is privileged`] : []),
    ...(beyond.length > 0 && !lifted ? [`container ${quoted(name)} adds capability ${beyond.join(", ")}`] : []),
    ...mounts.filter(({ path }) => leaves(path)).map(({ path }) => `mount path ${quoted(path)}`),
    ...mounts.flatMap(({ subPath = "" }) => (climbs(subPath) ? [`subPath ${quoted(subPath)}`] : [])),
    ...ports
      .filter(({ hostPort, hostIP }) => hostPort !== undefined && isIP(hostIP) === 0)
      .map(({ hostIP }) => `hostIP ${quoted(hostIP)}`),
  ];
}

function badNames(what: string, names: readonly string[]): string[] {
  return names
    .filter((name) => !plainName.test(name) || name.includes(".."))
    .map((name) => `${what} name ${quoted(name)}`);
}

/** Where a container must not have a volume: its own root, and what the kernel shows there. */
function leaves(path: string): boolean {
  const plain = posix.normalize(path).replace(/\/$/, "");
  return (
    !path.startsWith("/") || path.includes(":") || climbs(path) || /^(?:$|\/proc(?:\/|$)|\/sys(?:\/|$))/.test(plain)
  );
}

function climbs(path: string): boolean {
  return path.includes("\0") || path.split("/").includes("..");
}

/** For messages: short, and without anything that a terminal obeys. */
function quoted(text: string): string {
  return JSON.stringify(String(text).slice(0, 100));
}
