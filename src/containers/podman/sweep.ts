import type { PodmanClient } from "./client.ts";
import type { PodFolders } from "./folder.ts";
import { labels, siteFilter } from "./labels.ts";

interface Pod {
  Name: string;
  InfraId?: string;
}

interface Volume {
  Name: string;
  Labels?: Record<string, string> | null;
}

/**
 * Removes what a pod leaves behind whose making or removal was cut off, by a power failure or somebody's hand: pods
 * without a sandbox, scratch volumes and folders without a pod. Nothing else sees these any more.
 */
export async function sweep(client: PodmanClient, folders: PodFolders, site: string): Promise<void> {
  const filters = siteFilter(site);
  const pods = ((await client.get("pods/json", { filters })) ?? []) as Pod[];
  for (const { Name, InfraId } of pods) {
    if (!InfraId) await client.call("DELETE", `pods/${Name}`, { query: { force: true }, accept: [404] });
  }
  const whole = new Set(pods.filter(({ InfraId }) => InfraId).map(({ Name }) => Name));
  const volumes = ((await client.get("volumes/json", { filters })) ?? []) as Volume[];
  for (const { Name, Labels } of volumes) {
    const pod = Labels?.[labels.pod];
    if (pod === undefined || whole.has(pod)) continue;
    await client.call("DELETE", `volumes/${Name}`, { query: { force: true }, accept: [404] });
  }
  for (const name of await folders.list()) if (!whole.has(name)) await folders.remove(name);
}
