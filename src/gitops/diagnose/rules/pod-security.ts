import type { Path, PodSpec } from "../../../model/index.ts";
import { pathText } from "../../../model/index.ts";
import * as baseline from "../baseline.ts";
import type { AnyContainer, PodPlace } from "../pods.ts";
import { containersOf, podsOf } from "../pods.ts";
import type { Rule } from "../rule.ts";

/** A field that leaves the baseline, and what it says. */
interface Breach {
  path: Path;
  got: string;
  allowed: string;
}

/** Pods keep to the baseline of the Pod Security Standards, unless the operator lifts it for their namespace. */
export const podSecurity: Rule = ({ resources, options: { allowPrivileged = [] } }) =>
  podsOf(resources).flatMap((pod) => {
    const { namespace } = pod.resource.metadata;
    if (allowPrivileged.includes(namespace)) return [];
    const breaches = [
      ...ofPod(pod),
      ...containersOf(pod).flatMap(({ container, path }) => ofContainer(container, path)),
    ];
    return breaches.map(({ path, got, allowed }) =>
      resources.problem(pod.resource, path, {
        severity: "error",
        code: "pod-security",
        message: `${pathText(path)}: ${got} is beyond the baseline of the Pod Security Standards; allowed: ${allowed}`,
        remedy: `Remove it; only the operator can allow it: bandstand up --allow-privileged ${namespace}`,
      }),
    );
  });

function ofPod({ spec, path, annotations, metadataPath }: PodPlace): Breach[] {
  const found: Breach[] = [];
  for (const field of ["hostNetwork", "hostPID", "hostIPC"] as const) {
    if (spec[field] === true) found.push({ path: [...path, field], got: "true", allowed: "false" });
  }
  (spec.volumes ?? []).forEach((volume, index) => {
    if (volume.hostPath === undefined) return;
    const allowed = "emptyDir, configMap, secret, persistentVolumeClaim, projected, downwardAPI";
    found.push({ path: [...path, "volumes", index, "hostPath"], got: "a folder of the host", allowed });
  });
  for (const [key, value] of Object.entries(annotations)) {
    if (!key.startsWith(baseline.appArmorAnnotation) || baseline.allowedAppArmorAnnotation.test(value)) continue;
    found.push({ path: [...metadataPath, "annotations", key], got: value, allowed: "runtime/default, localhost/*" });
  }
  (spec.securityContext?.sysctls ?? []).forEach(({ name }, index) => {
    if (baseline.allowedSysctls.has(name)) return;
    const allowed = [...baseline.allowedSysctls].join(", ");
    found.push({ path: [...path, "securityContext", "sysctls", index, "name"], got: name, allowed });
  });
  return [...found, ...ofContext(spec.securityContext, [...path, "securityContext"])];
}

function ofContainer(container: AnyContainer, path: Path): Breach[] {
  const context = container.securityContext;
  const at: Path = [...path, "securityContext"];
  const found = ofContext(context, at);
  if (context?.privileged === true) found.push({ path: [...at, "privileged"], got: "true", allowed: "false" });
  if ((context?.procMount ?? "Default") !== "Default") {
    found.push({ path: [...at, "procMount"], got: context?.procMount ?? "", allowed: "Default" });
  }
  (context?.capabilities?.add ?? []).forEach((name, index) => {
    if (baseline.allowedCapabilities.has(name)) return;
    const allowed = [...baseline.allowedCapabilities].join(", ");
    found.push({ path: [...at, "capabilities", "add", index], got: name, allowed });
  });
  return [...found, ...ofHosts(container, path)];
}

/** Fields that a pod's and a container's security context share. */
function ofContext(context: PodSpec["securityContext"] | AnyContainer["securityContext"], path: Path): Breach[] {
  const found: Breach[] = [];
  const { seccompProfile, appArmorProfile, seLinuxOptions, windowsOptions } = context ?? {};
  if (windowsOptions?.hostProcess === true) {
    found.push({ path: [...path, "windowsOptions", "hostProcess"], got: "true", allowed: "false" });
  }
  for (const [field, profile] of Object.entries({ seccompProfile, appArmorProfile })) {
    if (profile === undefined || baseline.allowedProfiles.has(profile.type)) continue;
    found.push({
      path: [...path, field, "type"],
      got: profile.type,
      allowed: [...baseline.allowedProfiles].join(", "),
    });
  }
  if (!baseline.allowedSeLinuxTypes.has(seLinuxOptions?.type ?? "")) {
    const allowed = [...baseline.allowedSeLinuxTypes].filter(Boolean).join(", ");
    found.push({ path: [...path, "seLinuxOptions", "type"], got: seLinuxOptions?.type ?? "", allowed });
  }
  for (const field of ["user", "role"] as const) {
    const got = seLinuxOptions?.[field] ?? "";
    if (got !== "") found.push({ path: [...path, "seLinuxOptions", field], got, allowed: "none" });
  }
  return found;
}

/** Probes and hooks run on the host: one that names a host of its own could reach what the pod cannot. */
function ofHosts(container: AnyContainer, path: Path): Breach[] {
  const { startupProbe, readinessProbe, livenessProbe, lifecycle } = container;
  const actions = [
    { at: ["startupProbe"], action: startupProbe },
    { at: ["readinessProbe"], action: readinessProbe },
    { at: ["livenessProbe"], action: livenessProbe },
    { at: ["lifecycle", "postStart"], action: lifecycle?.postStart },
    { at: ["lifecycle", "preStop"], action: lifecycle?.preStop },
  ];
  return actions.flatMap(({ at, action }) =>
    (["httpGet", "tcpSocket"] as const).flatMap((type) => {
      const host = action?.[type]?.host ?? "";
      return host === ""
        ? []
        : [{ path: [...path, ...at, type, "host"], got: host, allowed: "none, for the pod itself" }];
    }),
  );
}
