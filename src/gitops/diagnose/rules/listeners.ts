import { isIP } from "node:net";
import type { Gateway, Path, Problem, ProblemCode } from "../../../model/index.ts";
import { controllerName, planListeners } from "../../plan/gateway/listeners.ts";
import { newReport } from "../../plan/report.ts";
import type { Rule, Subject } from "../rule.ts";

/** Listeners are ones that are served, and no two Gateways want the same place. */
export const listeners: Rule = (subject) => [
  ...subject.resources.all("Gateway").flatMap((gateway) => check(gateway, subject)),
  ...conflicts(subject),
];

function check(gateway: Gateway, { resources, inventory }: Subject): Problem[] {
  const warn = (path: Path, code: ProblemCode, message: string, remedy: string): Problem =>
    resources.problem(gateway, path, { severity: "warning", code, message, remedy });
  const { gatewayClassName, addresses = [] } = gateway.spec;
  const controller = inventory.find("GatewayClass", "", gatewayClassName)?.spec.controllerName;
  if (controller !== undefined && controller !== controllerName) {
    const message = `GatewayClass ${gatewayClassName} belongs to ${controller}: this Gateway is not served`;
    const remedy = `Use a class whose controllerName is ${controllerName}, or remove the GatewayClass from the folder.`;
    return [warn(["spec", "gatewayClassName"], "not-supported", message, remedy)];
  }
  const unserved = gateway.spec.listeners.flatMap(({ name, protocol }, index) => {
    if (protocol === "HTTP") return [];
    const message = `protocol ${protocol} is not served yet: listener ${name} stays closed`;
    return [warn(["spec", "listeners", index, "protocol"], "not-served-yet", message, "Use protocol HTTP.")];
  });
  const unbound = addresses.flatMap(({ type = "IPAddress", value = "" }, index) => {
    if (type === "IPAddress" && (value === "" || isIP(value) !== 0)) return [];
    const message = `an address of type ${type} cannot be bound: expected type IPAddress and an IP address, got ${JSON.stringify(value)}`;
    const remedy = "Use an IP address of this machine, or 0.0.0.0 for all.";
    return [warn(["spec", "addresses", index, "value"], "not-supported", message, remedy)];
  });
  return [...unserved, ...unbound];
}

/** Two listeners with the same address, port and hostname: the planner says who has it. */
function conflicts({ resources, inventory }: Subject): Problem[] {
  const report = newReport();
  planListeners(inventory, report);
  return report.problems().flatMap(({ code, resource, message, remedy }) => {
    if (code !== "listener-conflict") return [];
    const gateway = resources
      .all("Gateway")
      .find(({ metadata }) => resource === `Gateway/${metadata.namespace}/${metadata.name}`);
    const index = gateway?.spec.listeners.findIndex(({ name }) => message.includes(`/${name} wants`)) ?? 0;
    const path = ["spec", "listeners", Math.max(0, index), "port"];
    return gateway ? [resources.problem(gateway, path, { severity: "warning", code, message, remedy })] : [];
  });
}
