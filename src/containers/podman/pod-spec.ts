import type { PodSpec } from "../reconcile/driver.ts";
import { labels, workloadLabels } from "./labels.ts";
import { networkName } from "./network.ts";

/** Body of `pods/create`. `publishes`: every port gets a random one on 127.0.0.1. */
export function podSpec(
  { name, plan, hash, attempt, aliases, ports }: PodSpec,
  site: string,
  publishes: boolean,
): object {
  const { workload, hostname, hostAliases } = plan;
  const fixed = plan.containers
    .flatMap((container) => container.ports)
    .filter(({ hostPort }) => hostPort !== undefined);
  const given = new Set(fixed.filter(({ protocol }) => protocol === "TCP").map(({ port }) => port));
  const random = publishes ? ports.filter((port) => !given.has(port)) : [];
  return {
    name,
    hostname,
    infra_name: `${name}-infra`,
    labels: {
      ...workloadLabels(workload),
      [labels.site]: site,
      [labels.pod]: plan.name,
      [labels.hash]: hash,
      [labels.attempt]: String(attempt),
    },
    shared_namespaces: ["net", "ipc", "uts"],
    netns: { nsmode: "bridge" },
    Networks: { [networkName(site)]: { aliases } },
    // `orders` is the Service of the pod's own namespace.
    dns_search: [`${workload.namespace}.svc.cluster.local`],
    hostadd: hostAliases.flatMap(({ ip, hostnames }) => hostnames.map((host) => `${host}:${ip}`)),
    portmappings: [
      ...fixed.map(({ port, hostPort, hostIP, protocol }) => ({
        container_port: port,
        host_port: hostPort,
        host_ip: hostIP,
        protocol: protocol.toLowerCase(),
      })),
      ...random.map((port) => ({ container_port: port, host_port: 0, host_ip: "127.0.0.1", protocol: "tcp" })),
    ],
  };
}
