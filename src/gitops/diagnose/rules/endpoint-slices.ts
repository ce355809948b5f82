import { missing } from "../references.ts";
import type { Rule } from "../rule.ts";

const label = "kubernetes.io/service-name";

/** An EndpointSlice says by a label whose endpoints it holds. */
export const endpointSlices: Rule = ({ resources, inventory }) =>
  resources.all("EndpointSlice").flatMap((slice) => {
    const { namespace, labels = {} } = slice.metadata;
    const name = Object.hasOwn(labels, label) ? labels[label]! : undefined;
    if (name !== undefined && inventory.find("Service", namespace, name) !== undefined) return [];
    const words =
      name === undefined
        ? {
            message: `the label ${label} is missing: the endpoints belong to no Service`,
            remedy: `Add the label ${label}: <name>.`,
          }
        : missing("Service", namespace, name, inventory);
    const path = ["metadata", ...(name === undefined ? ["name"] : ["labels", label])];
    return resources.problem(slice, path, { severity: "warning", code: "dangling-reference", ...words });
  });
