import type { Container, EphemeralContainer, Path, PodSpec, Resource, Resources } from "../../model/index.ts";

/** A pod, or the template of some, with the place of its spec. */
export interface PodPlace {
  resource: Resource & { metadata: { namespace: string } };
  /** From the root of the resource to the pod's spec. */
  path: Path;
  spec: PodSpec;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** From the root of the resource to the pod's metadata. */
  metadataPath: Path;
  /** Claims that come with the pods, by the name a volume would use. */
  ownClaims: readonly string[];
}

/** Every resource that makes pods. */
export function podsOf(resources: Resources): PodPlace[] {
  const templates = (["Deployment", "StatefulSet", "DaemonSet", "Job"] as const).flatMap((kind) => resources.all(kind));
  return [
    ...templates.map((resource) => {
      const { metadata, spec } = resource.spec.template;
      const claims = resource.kind === "StatefulSet" ? (resource.spec.volumeClaimTemplates ?? []) : [];
      return {
        resource,
        spec,
        path: ["spec", "template", "spec"],
        metadataPath: ["spec", "template", "metadata"],
        labels: metadata?.labels ?? {},
        annotations: metadata?.annotations ?? {},
        ownClaims: claims.map((claim) => claim.metadata.name),
      };
    }),
    ...resources.all("Pod").map((resource) => ({
      resource,
      spec: resource.spec,
      path: ["spec"],
      metadataPath: ["metadata"],
      labels: resource.metadata.labels ?? {},
      annotations: resource.metadata.annotations ?? {},
      ownClaims: [],
    })),
  ];
}

/** Ephemeral containers may lack an image; everything else is the same. */
export type AnyContainer = Container | EphemeralContainer;

/** Every container of a pod, with its place. */
export function containersOf({ spec, path }: PodPlace): { container: AnyContainer; path: Path }[] {
  return (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index) => ({
      container,
      path: [...path, list, index],
    })),
  );
}
