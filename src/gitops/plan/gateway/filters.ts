import type { HTTPRouteFilter, Route } from "../../../model/kinds/types.ts";
import type { CorsPlan, FilterPlan, HeaderEdits, PathEdit } from "../../../model/plan/index.ts";
import { nameOf } from "../report.ts";
import { ourGroup } from "./context.ts";
import type { RouteContext } from "./context.ts";
import { planExternalAuth } from "./external-auth.ts";
import { headerText, pathText } from "./on-the-wire.ts";
import { targetOf } from "./targets.ts";

/** Filters in the order written. One that cannot be resolved stays, as `Unresolved`: it is never skipped. */
export function planFilters(filters: readonly HTTPRouteFilter[], route: Route, context: RouteContext): FilterPlan[] {
  return filters.map((filter) => planFilter(filter, route, context));
}

function planFilter(filter: HTTPRouteFilter, route: Route, context: RouteContext): FilterPlan {
  const { requestHeaderModifier, responseHeaderModifier, requestRedirect, urlRewrite } = filter;
  const { requestMirror, cors, extensionRef, externalAuth } = filter;
  if (filter.type === "RequestHeaderModifier" && requestHeaderModifier) {
    return { type: "RequestHeaderModifier", edits: edits(requestHeaderModifier) };
  }
  if (filter.type === "ResponseHeaderModifier" && responseHeaderModifier) {
    return { type: "ResponseHeaderModifier", edits: edits(responseHeaderModifier) };
  }
  if (filter.type === "RequestRedirect" && requestRedirect) return redirect(requestRedirect);
  if (filter.type === "URLRewrite" && urlRewrite) {
    const { hostname, path } = urlRewrite;
    return { type: "URLRewrite", ...(hostname ? { hostname } : {}), ...pathEdit(path) };
  }
  if (filter.type === "RequestMirror" && requestMirror) {
    const { backendRef, percent = 100, fraction } = requestMirror;
    const share = fraction === undefined ? percent / 100 : fraction.numerator / (fraction.denominator ?? 100);
    return { type: "RequestMirror", target: targetOf(backendRef, route, context), share };
  }
  if (filter.type === "CORS" && cors) return { type: "CORS", cors: planCors(cors) };
  if (filter.type === "ExternalAuth" && externalAuth) return planExternalAuth(externalAuth, route, context);
  if (filter.type === "ExtensionRef" && extensionRef) return extension(extensionRef, route, context);
  const reason = `filter type ${filter.type} is not served yet`;
  const remedy = "Remove the filter; until then these requests are answered with 500.";
  context.report.add(nameOf(route), "warning", "not-served-yet", reason, remedy);
  return { type: "Unresolved", reason, condition: "UnsupportedValue" };
}

function extension(ref: NonNullable<HTTPRouteFilter["extensionRef"]>, route: Route, context: RouteContext): FilterPlan {
  if (ref.group !== ourGroup || ref.kind !== "WasmComponent") {
    return {
      type: "Unresolved",
      reason: `${ref.kind}.${ref.group} ${ref.name} is no filter: expected a WasmComponent.${ourGroup}`,
      condition: "InvalidKind",
    };
  }
  const component = `${route.metadata.namespace}/${ref.name}`;
  const reason = context.componentProblem(component);
  return reason === undefined
    ? { type: "Component", component }
    : { type: "Unresolved", reason, condition: "BackendNotFound" };
}

function redirect({
  scheme,
  hostname,
  port,
  path,
  statusCode,
}: NonNullable<HTTPRouteFilter["requestRedirect"]>): FilterPlan {
  return {
    type: "RequestRedirect",
    ...(scheme === undefined ? {} : { scheme }),
    ...(hostname ? { hostname } : {}),
    ...(port === undefined ? {} : { port }),
    ...pathEdit(path),
    statusCode: statusCode ?? 302,
  };
}

/** Seconds that a preflight's answer is kept where the route says nothing: the Gateway API's default. */
const preflightAge = 5;

function planCors(cors: NonNullable<HTTPRouteFilter["cors"]>): CorsPlan {
  const {
    allowOrigins = [],
    allowCredentials = false,
    allowMethods = [],
    allowHeaders = [],
    exposeHeaders = [],
  } = cors;
  return {
    origins: [...allowOrigins],
    credentials: allowCredentials,
    methods: [...allowMethods],
    headers: [...allowHeaders],
    expose: [...exposeHeaders],
    maxAge: cors.maxAge ?? preflightAge,
  };
}

type RawEdits = NonNullable<HTTPRouteFilter["requestHeaderModifier"]>;

function edits({ set = [], add = [], remove = [] }: RawEdits): HeaderEdits {
  const pairs = (list: typeof set) =>
    firstOfEachName(list).map(({ name, value }) => ({ name, value: headerText(value) }));
  return { set: pairs(set), add: pairs(add), remove: [...remove] };
}

/** Of several entries whose names differ at most in case the first counts (HTTPHeader, `name`). */
function firstOfEachName<Header extends { name: string }>(headers: readonly Header[]): Header[] {
  return [...Map.groupBy(headers, ({ name }) => name.toLowerCase()).values()].flatMap(([first]) => first ?? []);
}

type RawPath = NonNullable<HTTPRouteFilter["urlRewrite"]>["path"];

function pathEdit(path: RawPath): { path?: PathEdit } {
  if (path === undefined) return {};
  const value = path.type === "ReplaceFullPath" ? path.replaceFullPath : path.replacePrefixMatch;
  return { path: { type: path.type, value: pathText(value ?? "") } };
}
