import type { z } from "zod";
import type { Container } from "./container.ts";
import { complain } from "./fields.ts";

interface Named {
  containers: Container[];
  initContainers?: Container[] | undefined;
  volumes?: { name: string }[] | undefined;
}

/**
 * Names inside a pod: volumes and containers differ from each other, mounts name a volume.
 * `claims` are volumes that come with the pod; `at` is the way from the checked object to the pod's spec.
 */
export function checkNames(spec: Named, claims: readonly string[], at: PropertyKey[], context: z.RefinementCtx): void {
  const volumes = new Set<string>();
  spec.volumes?.forEach(({ name }, index) => {
    const path = [...at, "volumes", index, "name"];
    if (volumes.has(name))
      complain(context, path, "a name that no other volume of the pod has", "Give it another name.");
    volumes.add(name);
  });
  for (const claim of claims) volumes.add(claim);
  const containers = new Set<string>();
  for (const list of ["initContainers", "containers"] as const) {
    spec[list]?.forEach(({ name, volumeMounts = [] }, index) => {
      const path = [...at, list, index];
      if (containers.has(name))
        complain(context, [...path, "name"], "a name that no other container of the pod has", "Give it another name.");
      containers.add(name);
      for (const [number, mount] of volumeMounts.entries()) {
        if (volumes.has(mount.name)) continue;
        const known = [...volumes].join(", ") || "it has none";
        complain(context, [...path, "volumeMounts", number, "name"], `a volume of the pod (${known})`);
      }
    });
  }
}
