import { relative } from "node:path";
import { shellWord } from "../../foundation/files/index.ts";
import type { GatewayPlan, RulePlan } from "../../model/plan/index.ts";
import type { SiteStatus } from "../../node/site/index.ts";

/** What a person wants to know when a site is ready: where it is, what goes where, what to do next. */
export function summary(
  status: SiteStatus,
  plan: GatewayPlan,
  options: { folder: string; cwd: string; detached: boolean },
): string {
  const urls = [
    ...new Set(status.listeners.map(({ address, protocol }) => `${protocol.toLowerCase()}://${reachable(address)}`)),
  ];
  const where = urls.length === 0 ? ", without a listener" : `: ${urls.join("  ")}`;
  const dir = shellWord(relative(options.cwd, options.folder) || ".");
  const routes = routeRows(plan);
  const stop = options.detached ? `bandstand down ${dir}` : "Ctrl-C";
  const rows = [
    `${status.site} is ready${where}`,
    ...(routes.length > 0 ? ["", ...columns(routes)] : []),
    "",
    ...(urls.length > 0 ? [`  try         curl -i ${urls[0]}/`] : []),
    `  look        bandstand status ${dir}; bandstand logs NAME --dir ${dir}`,
    `  stop        ${stop}`,
  ];
  return `${rows.join("\n")}\n`;
}

/** An address that listens everywhere is reached at this machine's own. */
function reachable(address: string): string {
  return address.replace(/^0\.0\.0\.0:/, "127.0.0.1:").replace(/^\[::\]:/, "[::1]:");
}

const most = 20;

function routeRows(plan: GatewayPlan): string[][] {
  const rows = plan.routes.flatMap((route) => {
    const hosts = [...new Set(route.attachments.flatMap(({ hostnames }) => hostnames))];
    return route.rules.flatMap((rule) =>
      rule.matches.map(({ path, method }) => [
        `${hosts.length > 0 ? hosts.join(",") : ""}${path.type === "LastSegment" ? "/*/" : ""}${path.value}${path.type === "PathPrefix" && path.value !== "/" ? "…" : ""}`,
        method ?? "",
        target(rule),
      ]),
    );
  });
  return rows.length > most ? [...rows.slice(0, most), [`… and ${rows.length - most} more`, "", ""]] : rows;
}

function target({ filters, backends, session }: RulePlan): string {
  const stages = filters.flatMap((filter) => {
    if (filter.type === "Component") return [short(filter.component)];
    if (filter.type === "CORS") return ["CORS"];
    if (filter.type === "ExternalAuth") {
      const { target: asked } = filter.auth;
      return [`asks ${short(asked.type === "Service" ? asked.service : asked.component)}`];
    }
    if (filter.type === "RequestMirror") return filter.target.type === "Unresolved" ? [] : ["copy"];
    if (filter.type === "RequestRedirect") return [`redirect ${filter.statusCode}`];
    return filter.type === "Unresolved" ? ["unresolved filter: 500"] : [];
  });
  const ends = backends.map(({ weight, target: to }) => {
    const name =
      to.type === "Component" ? short(to.component) : to.type === "Service" ? short(to.service) : "unresolved: 500";
    return backends.length > 1 ? `${name} (${weight})` : name;
  });
  const sticky = session !== undefined && backends.length > 1 ? ", sticky" : "";
  return [...stages, ...(ends.length > 0 ? [ends.join(" / ") + sticky] : [])].join(" → ");
}

/** Without the namespace that everything is in. */
function short(id: string): string {
  return id.replace(/^default\//, "");
}

function columns(rows: string[][]): string[] {
  const widths = [0, 1].map((index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, index) =>
      index < 2 && widths[index]! > 0 ? `${cell.padEnd(widths[index]!)}  ` : cell,
    );
    return `  ${cells.filter((cell) => cell !== "").join("")}`.trimEnd();
  });
}
