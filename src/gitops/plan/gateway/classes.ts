import type { GatewayClass } from "../../../model/kinds/types.ts";
import type { Condition, GatewayClassConditions } from "../../../model/plan/index.ts";
import type { Inventory } from "../inventory.ts";
import type { Complaint } from "./complaints.ts";
import { supportedFeatures } from "./features.ts";

/** Controller that a GatewayClass document must name if there is one. */
export const controllerName = "bandstand.dev/gateway-controller";

/** GatewayClasses of ours, and what is wrong with them; their Gateways are served whatever it is. */
export function planClasses(
  inventory: Inventory,
): { gatewayClass: GatewayClass; conditions: GatewayClassConditions; complaints: Complaint[] }[] {
  const ours = inventory.all("GatewayClass").filter(({ spec }) => spec.controllerName === controllerName);
  return ours.map((gatewayClass) => {
    const complaint = aboutParameters(gatewayClass);
    const accepted: Condition =
      complaint === undefined
        ? { type: "Accepted", status: "True", reason: "Accepted", message: "its Gateways are served" }
        : { type: "Accepted", status: "False", reason: "InvalidParameters", message: complaint.message };
    const { name } = gatewayClass.metadata;
    const features = supportedFeatures.map((feature) => ({ name: feature }));
    return {
      gatewayClass,
      conditions: { name, conditions: [accepted], supportedFeatures: features },
      complaints: complaint === undefined ? [] : [complaint],
    };
  });
}

function aboutParameters({ spec: { parametersRef: ref } }: GatewayClass): Complaint | undefined {
  if (ref === undefined) return undefined;
  const message = `there are no parameters of kind ${ref.kind}.${ref.group}: Gateways of the class are served without ${ref.name}`;
  return { path: ["spec", "parametersRef"], code: "not-supported", message, remedy: "Remove spec.parametersRef." };
}
