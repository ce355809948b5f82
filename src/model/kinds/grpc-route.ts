import { z } from "zod";
import { complain, headerName, hostnameOrAddress, namespaced, open, subdomain } from "./fields.ts";
import { filter } from "./http-route-filter.ts";
import { checkRule } from "./http-route-rule.ts";
import { backendRef, parents, sessionPersistence } from "./route-parts.ts";

const serviceName = /^\.?[a-z_][a-z_0-9]*(?:\.[a-z_][a-z_0-9]*)*$/i;
const methodName = /^[A-Za-z_][A-Za-z_0-9]*$/;

/** Of a call of `package.Service/Method`. */
const method = open({
  type: z.enum(["Exact", "RegularExpression"]).optional(),
  service: z.string().max(1024).optional(),
  method: z.string().max(1024).optional(),
}).superRefine(({ type = "Exact", service = "", method: name = "" }, context) => {
  if (service === "" && name === "") complain(context, [], "one or both of service and method");
  if (type !== "Exact") return;
  if (service !== "" && !serviceName.test(service))
    complain(context, ["service"], "the full name of a service, such as shop.v1.Orders");
  if (name !== "" && !methodName.test(name))
    complain(context, ["method"], "the name of a method: letters, digits and '_'");
});

/** Conditions of which all must hold. */
const match = open({
  method: method.optional(),
  headers: z
    .array(
      open({
        type: z.enum(["Exact", "RegularExpression"]).optional(),
        name: headerName,
        value: z.string().min(1).max(4096),
      }),
    )
    .max(16)
    .optional(),
});
export type GRPCRouteMatch = z.output<typeof match>;

const rule = open({
  name: subdomain.optional(),
  matches: z.array(match).max(64).optional(),
  filters: z.array(filter).max(16).optional(),
  backendRefs: z.array(backendRef).max(16).optional(),
  sessionPersistence: sessionPersistence.optional(),
}).superRefine((value, context) => {
  const { filters: all, backendRefs } = value;
  checkRule({ filters: all, backendRefs }, context);
  const lists = [
    { path: ["filters"], filters: value.filters ?? [] },
    ...(value.backendRefs ?? []).map(({ filters = [] }, index) => ({
      path: ["backendRefs", index, "filters"],
      filters,
    })),
  ];
  for (const { path, filters } of lists) {
    filters.forEach(({ type }, index) => {
      if (!filterTypes.has(type)) complain(context, [...path, index, "type"], `one of ${[...filterTypes].join(", ")}`);
    });
  }
});
export type GRPCRouteRule = z.output<typeof rule>;

/** What is left has no meaning for a call: it has no path to rewrite, and no browser behind it. */
const filterTypes = new Set(["RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "ExtensionRef"]);

export const grpcRoute = open({
  apiVersion: z.enum(["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1alpha2"]),
  kind: z.literal("GRPCRoute"),
  metadata: namespaced(),
  spec: open({
    ...parents,
    hostnames: z.array(hostnameOrAddress).max(16).optional(),
    rules: z.array(rule).max(16).optional(),
  }),
});
/** GRPCRoute of gateway.networking.k8s.io/v1 and v1alpha2; fields as written, defaults are the planner's. */
export type GRPCRoute = z.output<typeof grpcRoute>;
