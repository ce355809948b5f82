import type { Service } from "../../../model/index.ts";
import type { Inventory } from "../../plan/inventory.ts";
import type { Rule } from "../rule.ts";

/** Services of type ExternalName may lead to each other, but not in a circle: no request would ever arrive. */
export const externalNames: Rule = ({ resources, inventory }) =>
  resources.all("Service").flatMap((service) => {
    const circle = circleFrom(service, inventory);
    if (circle === undefined) return [];
    return resources.problem(service, ["spec", "externalName"], {
      severity: "error",
      code: "reference-cycle",
      message: `spec.externalName leads in a circle: ${circle.map(nameOf).join(" → ")}`,
      remedy: "Let one of them lead to a name outside of the site, or give it a selector.",
    });
  });

/** The Services from one back to itself; undefined where its names end somewhere else. */
function circleFrom(start: Service, inventory: Inventory): Service[] | undefined {
  const seen = [start];
  for (let next = target(start, inventory); next !== undefined; next = target(next, inventory)) {
    if (next === start) return [...seen, start];
    if (seen.includes(next)) return undefined;
    seen.push(next);
  }
  return undefined;
}

/** The Service of the site that an ExternalName means: `name`, `name.namespace`, `name.namespace.svc…`. */
function target(service: Service, inventory: Inventory): Service | undefined {
  const { type, externalName } = service.spec;
  if (type !== "ExternalName" || externalName === undefined) return undefined;
  const form = /^([^.]+)(?:\.([^.]+)(?:\.svc(?:\.cluster\.local)?)?)?$/.exec(externalName);
  if (form === null) return undefined;
  const [, name = "", namespace = service.metadata.namespace] = form;
  return inventory.find("Service", namespace, name);
}

function nameOf({ metadata }: Service): string {
  return `${metadata.namespace}/${metadata.name}`;
}
