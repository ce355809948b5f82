import type { Container, PodTemplate } from "../../../model/kinds/types.ts";
import type { ContainerSecurityPlan } from "../../../model/plan/index.ts";
import { Unplannable } from "../config/unplannable.ts";
import type { PodContext } from "./context.ts";

/** Capabilities that the baseline of the Pod Security Standards lets containers add. */
export const allowedCapabilities: ReadonlySet<string> = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);
const lift = "Remove it, or let the operator start with --allow-privileged and this namespace.";

/**
 * The pod's and the container's security context as one; the container's wins. The diagnosis has
 * refused what leaves the baseline; this is the second lock: throws Unplannable.
 */
export function planSecurity(container: Container, pod: PodContext): ContainerSecurityPlan {
  const own = container.securityContext ?? {};
  const common = pod.template.spec.securityContext ?? {};
  const user = own.runAsUser ?? common.runAsUser;
  const group = own.runAsGroup ?? common.runAsGroup;
  const privileged = own.privileged === true;
  const add = capabilities(own.capabilities?.add);
  if ((own.runAsNonRoot ?? common.runAsNonRoot) === true && user === 0) {
    throw new Unplannable(
      `container ${container.name} says runAsNonRoot and runAsUser: 0`,
      "Choose one of them.",
      "invalid-value",
    );
  }
  const nonRoot = (own.runAsNonRoot ?? common.runAsNonRoot) === true && user === undefined;
  const beyond = add.filter((name) => !allowedCapabilities.has(name));
  if (!pod.privileged && (privileged || beyond.length > 0)) {
    const what = privileged ? "privileged" : `capability ${beyond.join(", ")}`;
    throw new Unplannable(
      `container ${container.name} asks for ${what}, more than the baseline allows`,
      lift,
      "pod-security",
    );
  }
  const groups = [...(common.supplementalGroups ?? []), ...(common.fsGroup === undefined ? [] : [common.fsGroup])];
  return {
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group }),
    ...(nonRoot ? { nonRoot } : {}),
    supplementalGroups: [...new Set(groups)].toSorted((a, b) => a - b),
    readOnlyRootFilesystem: own.readOnlyRootFilesystem === true,
    addCapabilities: add,
    dropCapabilities: capabilities(own.capabilities?.drop),
    privileged,
  };
}

/** Throws Unplannable where a pod asks for parts of the host: no plan can carry them, whoever allows it. */
export function refuseHost(spec: PodTemplate["spec"]): void {
  const asked = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((field) => spec[field] === true);
  if (asked.length === 0) return;
  throw new Unplannable(
    `the pod asks for ${asked.join(", ")}`,
    "Remove it: pods have namespaces of their own here.",
    "pod-security",
  );
}

function capabilities(names: readonly string[] = []): string[] {
  return [...new Set(names.map((name) => name.toUpperCase().replace(/^CAP_/, "")))].toSorted();
}
