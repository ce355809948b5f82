import type { Container, Probe } from "../../../model/kinds/types.ts";
import type { ContainerPlan, ProbePlan } from "../../../model/plan/index.ts";
import { Unplannable } from "../config/unplannable.ts";
import type { PodContext } from "./context.ts";

/** The three probes with the defaults of Kubernetes; named ports become numbers. Throws Unplannable. */
export function planProbes(container: Container, pod: PodContext): ContainerPlan["probes"] {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  return {
    ...(startupProbe ? { startup: planProbe(startupProbe, container, pod) } : {}),
    ...(readinessProbe ? { readiness: planProbe(readinessProbe, container, pod) } : {}),
    ...(livenessProbe ? { liveness: planProbe(livenessProbe, container, pod) } : {}),
  };
}

function planProbe(probe: Probe, container: Container, pod: PodContext): ProbePlan {
  return {
    action: actionOf(probe, container, pod),
    initialDelay: (probe.initialDelaySeconds ?? 0) * 1000,
    // 0 stands for "not set" in Kubernetes.
    period: (probe.periodSeconds || 10) * 1000,
    timeout: (probe.timeoutSeconds || 1) * 1000,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  };
}

function actionOf(
  { httpGet, tcpSocket, exec, grpc }: Probe,
  container: Container,
  pod: PodContext,
): ProbePlan["action"] {
  if (httpGet) {
    const headers = (httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value] as const);
    return {
      type: "http",
      scheme: httpGet.scheme === "HTTPS" ? "https" : "http",
      ...(httpGet.host === undefined ? {} : { host: httpGet.host }),
      port: portNumber(httpGet.port, container),
      path: httpGet.path || "/",
      headers: Object.fromEntries(headers),
    };
  }
  if (tcpSocket) return { type: "tcp", port: portNumber(tcpSocket.port, container) };
  if (exec?.command?.length) return { type: "exec", command: [...exec.command] };
  if (grpc) {
    const what = `container ${container.name}: gRPC probes are not served; port ${grpc.port} is probed by TCP instead`;
    pod.warn("not-supported", what, "Use httpGet, tcpSocket or exec.");
    return { type: "tcp", port: grpc.port };
  }
  throw new Unplannable(
    `a probe of container ${container.name} says not what to do`,
    "Give it httpGet, tcpSocket or exec.",
    "invalid-value",
  );
}

function portNumber(port: number | string, container: Container): number {
  if (typeof port === "number") return port;
  const named = container.ports?.find(({ name }) => name === port);
  if (named) return named.containerPort;
  const known = (container.ports ?? []).flatMap(({ name }) => name ?? []).join(", ") || "none";
  throw new Unplannable(
    `a probe of container ${container.name} names port ${port}, which it does not have (its named ports: ${known})`,
    "Name the port in the container's ports, or write its number.",
  );
}
