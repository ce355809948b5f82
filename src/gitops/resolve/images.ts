import { stat } from "node:fs/promises";
import { join } from "node:path";
import { hashContext } from "../../foundation/files/index.ts";
import type { DaemonSet, Deployment, Job, Pod, Resources, StatefulSet } from "../../model/index.ts";
import type { ImageBuildPlan } from "../../model/plan/index.ts";
import { buildAnnotation } from "../source/index.ts";
import type { Place } from "./place.ts";
import { placeOf } from "./place.ts";
import { Unresolvable, toUnresolvable } from "./unresolvable.ts";

export type PodMaker = Deployment | StatefulSet | DaemonSet | Job | Pod;

const kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod"] as const;

/** Workloads with a build annotation. */
export function workloadsToBuild(resources: Resources): PodMaker[] {
  const makers = kinds.flatMap((kind): PodMaker[] => resources.all(kind));
  return makers.filter(({ metadata }) => metadata.annotations?.[buildAnnotation] !== undefined);
}

/** The image that a workload's annotation builds, with the hash of its context. Throws Unresolvable. */
export async function resolveBuild(
  workload: PodMaker,
  root: string,
  file: string,
): Promise<ImageBuildPlan & Pick<Place, "relative">> {
  const { path, relative } = await placeOf(
    root,
    file,
    workload.metadata.annotations?.[buildAnnotation] ?? "",
    "folder",
  );
  const image = imageOf(workload);
  if (!(await hasContainerfile(path))) {
    const message = `${relative} holds no Containerfile: expected Containerfile or Dockerfile`;
    throw new Unresolvable("source-missing", message, "Add one, or correct the annotation.");
  }
  try {
    return { image, context: path, hash: await hashContext(path), relative };
  } catch (error) {
    throw toUnresolvable(error, root);
  }
}

/** One annotation builds one image: the `localhost/…` one of the pod's containers. */
function imageOf(workload: PodMaker): string {
  const spec = workload.kind === "Pod" ? workload.spec : workload.spec.template.spec;
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const images = new Set(containers.map(({ image }) => image).filter((image) => image.startsWith("localhost/")));
  const [image] = images;
  if (image !== undefined && images.size === 1) return image;
  const got = images.size === 0 ? "none" : [...images].join(", ");
  const message = `${buildAnnotation} builds one image: expected one localhost/… image among the pod's containers, got ${got}`;
  throw new Unresolvable(
    "invalid-value",
    message,
    "Name the image localhost/… in the containers that use it; split the workload for several.",
  );
}

async function hasContainerfile(folder: string): Promise<boolean> {
  for (const name of ["Containerfile", "Dockerfile"]) {
    const stats = await stat(join(folder, name)).catch(() => undefined);
    if (stats?.isFile()) return true;
  }
  return false;
}
