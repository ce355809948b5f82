import type { HTTPRouteFilter, Path, Problem, Route } from "../../../model/index.ts";
import { allRoutes } from "../../plan/gateway/attachments.ts";
import { missing } from "../references.ts";
import { unservedAuth } from "../../plan/gateway/external-auth.ts";
import { explain } from "./backends.ts";
import type { Rule, Subject } from "../rule.ts";

const served = [
  "RequestHeaderModifier",
  "ResponseHeaderModifier",
  "RequestRedirect",
  "URLRewrite",
  "RequestMirror",
  "CORS",
  "ExternalAuth",
  "ExtensionRef",
];
const ourGroup = "bandstand.dev";

/** Filters are known and lead to components that exist; else requests that reach them are answered with 500. */
export const filters: Rule = (subject) =>
  allRoutes(subject.inventory).flatMap((route) =>
    (route.spec.rules ?? []).flatMap((rule, index) => {
      const path: Path = ["spec", "rules", index];
      return [
        ...check(rule.filters, [...path, "filters"], route, subject),
        ...(rule.backendRefs ?? []).flatMap((ref, number) =>
          check(ref.filters, [...path, "backendRefs", number, "filters"], route, subject),
        ),
      ];
    }),
  );

function check(list: HTTPRouteFilter[] | undefined, path: Path, route: Route, subject: Subject): Problem[] {
  return (list ?? []).flatMap((filter, index) => {
    if (filter.type === "ExtensionRef") return extension(filter, [...path, index, "extensionRef"], route, subject);
    if (filter.requestMirror !== undefined) return mirror(filter, [...path, index, "requestMirror"], route, subject);
    if (filter.externalAuth !== undefined) return auth(filter, [...path, index, "externalAuth"], route, subject);
    if (served.includes(filter.type)) return [];
    return subject.resources.problem(route, [...path, index, "type"], {
      severity: "warning",
      code: "not-served-yet",
      message: `filter type ${filter.type} is not served: requests that reach it are answered with 500`,
      remedy: `Remove it, or use one of ${served.join(", ")}.`,
    });
  });
}

/** A mirror that leads nowhere is left out; the requests themselves go on. */
function mirror({ requestMirror }: HTTPRouteFilter, path: Path, route: Route, subject: Subject): Problem[] {
  const reason = explain(requestMirror!.backendRef, route, subject);
  if (reason === undefined) return [];
  const { field, ...words } = reason;
  return [subject.resources.problem(route, [...path, "backendRef", field], { severity: "warning", ...words })];
}

/** Nobody is let through where nobody can be asked. */
function auth({ externalAuth }: HTTPRouteFilter, path: Path, route: Route, subject: Subject): Problem[] {
  const unserved = unservedAuth(externalAuth!);
  if (unserved !== undefined) {
    const message = `${unserved}; requests that reach it are answered with 500`;
    const words = { severity: "warning", code: "not-supported", message, remedy: "Correct http.path." } as const;
    return [subject.resources.problem(route, [...path, "http", "path"], words)];
  }
  const reason = explain(externalAuth!.backendRef, route, subject);
  if (reason === undefined) return [];
  const { field, message, ...words } = reason;
  const said = message.includes("is answered with 500")
    ? message
    : `${message}: requests that reach the filter are answered with 500`;
  return [
    subject.resources.problem(route, [...path, "backendRef", field], { severity: "warning", message: said, ...words }),
  ];
}

function extension(
  { extensionRef }: HTTPRouteFilter,
  path: Path,
  route: Route,
  { resources, inventory }: Subject,
): Problem[] {
  const { group, kind, name } = extensionRef!;
  const { namespace } = route.metadata;
  if (group !== ourGroup || kind !== "WasmComponent") {
    const message = `${kind} of group ${JSON.stringify(group)} cannot be a filter: requests that reach it are answered with 500`;
    const remedy = `Use a WasmComponent of group ${ourGroup}.`;
    return [
      resources.problem(route, [...path, "kind"], { severity: "warning", code: "dangling-reference", message, remedy }),
    ];
  }
  if (inventory.find("WasmComponent", namespace, name) !== undefined) return [];
  const words = missing("WasmComponent", namespace, name, inventory);
  return [resources.problem(route, [...path, "name"], { severity: "warning", code: "dangling-reference", ...words })];
}
