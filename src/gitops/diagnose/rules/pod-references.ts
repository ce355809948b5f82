import type { Path, Problem, Volume } from "../../../model/index.ts";
import type { PodPlace } from "../pods.ts";
import { containersOf, podsOf } from "../pods.ts";
import type { Dangling } from "../references.ts";
import { danglingSource, missing } from "../references.ts";
import type { Rule, Subject } from "../rule.ts";

/** ConfigMaps, Secrets, their keys, and claims that pods name exist; a pod waits for what does not. */
export const podReferences: Rule = (subject) =>
  podsOf(subject.resources).flatMap((pod) => {
    const found = [...environment(pod, subject), ...volumes(pod, subject), ...governingService(pod, subject)];
    return found.map(({ path, message, remedy }): Problem =>
      subject.resources.problem(pod.resource, path, {
        severity: "warning",
        code: "dangling-reference",
        message,
        remedy,
      }),
    );
  });

type Found = Omit<Dangling, "field"> & { path: Path };

function environment(pod: PodPlace, { inventory }: Subject): Found[] {
  const { namespace } = pod.resource.metadata;
  return containersOf(pod).flatMap(({ container, path }) => {
    const references = [
      ...(container.env ?? []).flatMap(({ valueFrom }, index) => [
        {
          kind: "ConfigMap",
          to: valueFrom?.configMapKeyRef,
          path: [...path, "env", index, "valueFrom", "configMapKeyRef"],
        } as const,
        {
          kind: "Secret",
          to: valueFrom?.secretKeyRef,
          path: [...path, "env", index, "valueFrom", "secretKeyRef"],
        } as const,
      ]),
      ...(container.envFrom ?? []).flatMap((source, index) => [
        { kind: "ConfigMap", to: source.configMapRef, path: [...path, "envFrom", index, "configMapRef"] } as const,
        { kind: "Secret", to: source.secretRef, path: [...path, "envFrom", index, "secretRef"] } as const,
      ]),
    ];
    return references.flatMap(({ kind, to, path: place }) => {
      const dangling = to && danglingSource(kind, namespace, to, inventory);
      return dangling ? [{ ...dangling, path: [...place, dangling.field] }] : [];
    });
  });
}

function volumes(pod: PodPlace, subject: Subject): Found[] {
  return (pod.spec.volumes ?? []).flatMap((volume, index) =>
    volumeReferences(volume, [...pod.path, "volumes", index], pod, subject),
  );
}

function volumeReferences(volume: Volume, path: Path, pod: PodPlace, { inventory }: Subject): Found[] {
  const { namespace } = pod.resource.metadata;
  const { configMap, secret, persistentVolumeClaim, projected } = volume;
  const sources = [
    { kind: "ConfigMap", to: configMap, path: [...path, "configMap", "name"] } as const,
    {
      kind: "Secret",
      to: secret && { ...secret, name: secret.secretName },
      path: [...path, "secret", "secretName"],
    } as const,
    ...(projected?.sources ?? []).flatMap((source, index) => [
      {
        kind: "ConfigMap",
        to: source.configMap,
        path: [...path, "projected", "sources", index, "configMap", "name"],
      } as const,
      { kind: "Secret", to: source.secret, path: [...path, "projected", "sources", index, "secret", "name"] } as const,
    ]),
  ];
  const found = sources.flatMap(({ kind, to, path: place }): Found[] => {
    if (to === undefined) return [];
    const whole = danglingSource(kind, namespace, to, inventory);
    if (whole) return [{ ...whole, path: place }];
    return (to.items ?? []).flatMap(({ key }, index) => {
      const dangling = danglingSource(kind, namespace, { ...to, key }, inventory);
      return dangling ? [{ ...dangling, path: [...place.slice(0, -1), "items", index, "key"] }] : [];
    });
  });
  const claim = persistentVolumeClaim?.claimName;
  if (claim !== undefined && !claimExists(claim, namespace, inventory)) {
    const words = missing("PersistentVolumeClaim", namespace, claim, inventory);
    found.push({ ...words, path: [...path, "persistentVolumeClaim", "claimName"] });
  }
  return found;
}

/** A claim is written down, or comes with a StatefulSet: `data-orders-0`. */
function claimExists(name: string, namespace: string, inventory: Subject["inventory"]): boolean {
  if (inventory.find("PersistentVolumeClaim", namespace, name) !== undefined) return true;
  return inventory.all("StatefulSet").some(({ metadata, spec }) => {
    if (metadata.namespace !== namespace) return false;
    return (spec.volumeClaimTemplates ?? []).some((template) => {
      const prefix = `${template.metadata.name}-${metadata.name}-`;
      return name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length));
    });
  });
}

function governingService({ resource }: PodPlace, { inventory }: Subject): Found[] {
  if (resource.kind !== "StatefulSet" || !resource.spec.serviceName) return [];
  const { namespace } = resource.metadata;
  const name = resource.spec.serviceName;
  if (inventory.find("Service", namespace, name) !== undefined) return [];
  return [{ ...missing("Service", namespace, name, inventory), path: ["spec", "serviceName"] }];
}
