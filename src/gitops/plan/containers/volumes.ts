import type { Volume } from "../../../model/kinds/types.ts";
import type { PodVolumePlan } from "../../../model/plan/index.ts";
import { parseQuantity } from "../../../model/value/index.ts";
import { Unplannable } from "../config/unplannable.ts";
import type { PodContext } from "./context.ts";
import { configMapFiles, downwardFiles, secretFiles } from "./files.ts";
import type { PlannedFile } from "./files.ts";

/** One volume of a pod with all it holds. Throws Unplannable. */
export function planVolume(volume: Volume, pod: PodContext): PodVolumePlan {
  const { name, emptyDir, configMap, secret, persistentVolumeClaim, projected, downwardAPI } = volume;
  if (configMap) return files(name, configMap.defaultMode, configMapFiles(configMap, pod));
  if (secret) return files(name, secret.defaultMode, secretFiles({ ...secret, name: secret.secretName }, pod));
  if (downwardAPI) return files(name, downwardAPI.defaultMode, downwardFiles(downwardAPI.items ?? [], pod));
  if (projected) {
    const all = (projected.sources ?? []).flatMap((source) => projectedFiles(source, name, pod));
    return files(name, projected.defaultMode, all);
  }
  if (persistentVolumeClaim) {
    const { claimName } = persistentVolumeClaim;
    const found = pod.claim(claimName);
    if (found !== undefined) return { name, type: "claim", volume: found };
    throw new Unplannable(
      `PersistentVolumeClaim ${pod.namespace}/${claimName} does not exist`,
      "Add the claim to the folder, or correct the name.",
    );
  }
  const known = new Set(["name", "emptyDir"]);
  const other = Object.keys(volume).filter((field) => !known.has(field) && volume[field] !== undefined);
  if (other.length > 0) {
    const choice = "emptyDir, configMap, secret, persistentVolumeClaim, projected or downwardAPI";
    throw new Unplannable(
      `volume ${name} is of type ${other.join(", ")}, which is not supported`,
      `Use ${choice}.`,
      volume.hostPath ? "pod-security" : "not-supported",
    );
  }
  const size = emptyDir?.sizeLimit === undefined ? undefined : parseQuantity(emptyDir.sizeLimit);
  return {
    name,
    type: "empty",
    medium: emptyDir?.medium === "Memory" ? "memory" : "disk",
    ...(size === undefined ? {} : { size: Math.ceil(size) }),
  };
}

type Projection = NonNullable<NonNullable<Volume["projected"]>["sources"]>[number];

function projectedFiles(source: Projection, volume: string, pod: PodContext): PlannedFile[] {
  if (source.configMap) return configMapFiles(source.configMap, pod);
  if (source.secret) return secretFiles(source.secret, pod);
  if (source.downwardAPI) return downwardFiles(source.downwardAPI.items ?? [], pod);
  const type = Object.keys(source).join(", ");
  const what = `volume ${volume}: ${type} is left out of the projection: there is no Kubernetes API to ask`;
  pod.warn("not-supported", what, "Remove the source, or do not rely on its file.");
  return [];
}

/** Of several files with one path the last stays; sorted by path. */
function files(name: string, mode = 0o644, list: readonly PlannedFile[] = []): PodVolumePlan {
  const byPath = new Map(list.map((file) => [file.path, file]));
  const sorted = [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return { name, type: "files", mode, files: sorted };
}
