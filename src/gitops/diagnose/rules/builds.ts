import { buildAnnotation } from "../../source/named.ts";
import { containersOf, podsOf } from "../pods.ts";
import type { Rule } from "../rule.ts";

/** The build annotation says where the image of a workload comes from: exactly one image, under `localhost/`. */
export const builds: Rule = ({ resources }) =>
  podsOf(resources).flatMap((pod) => {
    if (pod.resource.metadata.annotations?.[buildAnnotation] === undefined) return [];
    const images = containersOf(pod).map(({ container }) => container.image ?? "");
    const local = new Set(images.filter((image) => image.startsWith("localhost/")));
    if (local.size === 1) return [];
    const got = local.size === 0 ? "none does" : `got ${[...local].join(", ")}`;
    const problem = {
      severity: "error",
      code: "invalid-value",
      message: `${buildAnnotation}: expected one image of the pod to begin with localhost/, ${got}`,
      remedy: "Name the image that is built localhost/<name>, and use one such image in the pod.",
    } as const;
    return [resources.problem(pod.resource, ["metadata", "annotations", buildAnnotation], problem)];
  });
