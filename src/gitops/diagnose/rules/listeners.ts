import type { Problem } from "../../../model/index.ts";
import { newSecretBook } from "../../plan/config/secrets.ts";
import { controllerName, planClasses } from "../../plan/gateway/classes.ts";
import { planListeners } from "../../plan/gateway/listeners.ts";
import type { Rule, Subject } from "../rule.ts";

/** Listeners are ones that are served, with certificates, and no two want the same place: the planner says which. */
export const listeners: Rule = (subject) => {
  const { resources, inventory, options } = subject;
  const planned = planListeners(inventory, newSecretBook(inventory), { absent: options.absentAddresses });
  return [
    ...foreign(subject),
    ...planClasses(inventory).flatMap(({ gatewayClass, complaints }) =>
      complaints.map(({ path, ...words }) => resources.problem(gatewayClass, path, { severity: "warning", ...words })),
    ),
    ...[...planned.gateways, ...planned.sets].flatMap((each) =>
      each.complaints.map(({ path, ...words }) =>
        resources.problem("set" in each ? each.set : each.gateway, path, { severity: "warning", ...words }),
      ),
    ),
  ];
};

/** Gateways whose class belongs to another controller. */
function foreign({ resources, inventory }: Subject): Problem[] {
  return resources.all("Gateway").flatMap((gateway) => {
    const { gatewayClassName } = gateway.spec;
    const controller = inventory.find("GatewayClass", "", gatewayClassName)?.spec.controllerName;
    if (controller === undefined || controller === controllerName) return [];
    const message = `GatewayClass ${gatewayClassName} belongs to ${controller}: this Gateway is not served`;
    const remedy = `Use a class whose controllerName is ${controllerName}, or remove the GatewayClass from the folder.`;
    const words = { severity: "warning", code: "not-supported", message, remedy } as const;
    return [resources.problem(gateway, ["spec", "gatewayClassName"], words)];
  });
}
