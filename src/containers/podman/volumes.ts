import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { ContainerPlan, PodPlan, VolumePlan } from "../../model/plan/index.ts";
import type { PodmanClient } from "./client.ts";
import type { Mounts } from "./container-spec.ts";
import type { PodFolders } from "./folder.ts";
import { labels, siteFilter } from "./labels.ts";
import { openSubPath } from "./sub-path.ts";
import type { SubPath } from "./sub-path.ts";

interface Volume {
  Name: string;
  Mountpoint: string;
  Labels?: Record<string, string> | null;
}

/** The claims of a site, made where they are missing. */
export async function ensureClaims(client: PodmanClient, site: string, plans: readonly VolumePlan[]): Promise<void> {
  for (const { name, claim } of plans) {
    const found = await client.call("GET", `volumes/${name}/json`, { accept: [404] });
    if (found.status === 404) {
      const own = { [labels.site]: site, [labels.claim]: `${claim.namespace}/${claim.name}` };
      await client.post("volumes/create", { Name: name, Label: own });
    } else if ((found.value as Volume).Labels?.[labels.site] !== site) {
      throw new BandstandError("engine-failed", `a volume ${name} exists that is not this site's`, {
        remedy: `Look what it holds (\`podman volume inspect ${name}\`), then rename the claim or remove the volume.`,
      });
    }
  }
}

/** The scratch volumes (`emptyDir`) of a pod, where they are missing: they live as long as it does. */
export async function createScratch(client: PodmanClient, site: string, pod: string, plan: PodPlan): Promise<void> {
  for (const volume of plan.volumes) {
    if (volume.type !== "empty") continue;
    const found = await client.call("GET", `volumes/${scratchName(pod, volume.name)}/json`, { accept: [404] });
    if (found.status !== 404) continue;
    const memory = volume.medium === "memory";
    // Podman takes `size` for a quota of the disk, whatever the type; pages say the same.
    const size = volume.size === undefined ? [] : [`nr_blocks=${Math.ceil(volume.size / 4096)}`];
    const { value } = await client.post("volumes/create", {
      Name: scratchName(pod, volume.name),
      Label: { [labels.site]: site, [labels.pod]: pod },
      Options: memory ? { type: "tmpfs", device: "tmpfs", o: ["mode=1777", ...size].join(",") } : {},
    });
    // As in Kubernetes, whoever runs in the pod may write there.
    if (!memory) await chmod((value as Volume).Mountpoint, 0o777);
  }
}

export async function removeScratch(client: PodmanClient, pod: string): Promise<void> {
  const filters = JSON.stringify({ label: [`${labels.pod}=${pod}`] });
  await removeVolumes(client, filters);
}

/** Everything that the site ever kept. */
export async function removeSiteVolumes(
  client: PodmanClient,
  site: string,
  { claims }: { claims: boolean },
): Promise<void> {
  await removeVolumes(client, siteFilter(site), ({ Labels }) => claims || Labels?.[labels.claim] === undefined);
}

async function removeVolumes(
  client: PodmanClient,
  filters: string,
  which: (volume: Volume) => boolean = () => true,
): Promise<void> {
  const found = ((await client.get("volumes/json", { filters })) ?? []) as Volume[];
  for (const volume of found.filter(which)) {
    await client.call("DELETE", `volumes/${volume.Name}`, { query: { force: true }, accept: [404] });
  }
}

/** Where a container's volumes are mounted from. */
export async function mountsOf(
  client: PodmanClient,
  folders: PodFolders,
  pod: string,
  { volumes }: PodPlan,
  { mounts }: ContainerPlan,
): Promise<Mounts & { parts: SubPath[] }> {
  const places: Mounts & { parts: SubPath[] } = { volumes: [], mounts: [], parts: [] };
  for (const { volume: name, path, subPath, readOnly } of mounts) {
    const volume = volumes.find((one) => one.name === name);
    if (volume === undefined)
      throw new BandstandError("pod-refused", `volume ${name}, mounted at ${path}, is not there`, {
        remedy: "Add it to the volumes of the pod.",
      });
    // As in Kubernetes, nobody writes into what a ConfigMap or a Secret holds.
    const access = readOnly || volume.type === "files" ? "ro" : "rw";
    const bind = (source: string): void => {
      places.mounts.push({
        type: "bind",
        source,
        destination: path,
        options: ["rbind", "rprivate", "nosuid", "nodev", access],
      });
    };
    if (volume.type === "files") {
      bind(join(folders.volume(pod, name), subPath ?? ""));
      continue;
    }
    const named = volume.type === "claim" ? volume.volume : scratchName(pod, name);
    if (subPath === undefined) places.volumes.push({ Name: named, Dest: path, Options: ["nocopy", access] });
    else {
      const { Mountpoint } = (await client.get(`volumes/${named}/json`)) as Volume;
      const part = await openSubPath(Mountpoint, subPath);
      bind(part.path);
      places.parts.push(part);
    }
  }
  return places;
}

function scratchName(pod: string, volume: string): string {
  return `${pod}-${volume}`;
}
