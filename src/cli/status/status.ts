import type { SiteStatus } from "../../node/site/index.ts";
import type { StatusCall } from "../commands/status.ts";
import type { ExitCode } from "../program/command.ts";
import { renderProblem } from "../../model/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { findSite } from "./find-site.ts";

/** What a running site serves, on stdout. */
export async function status({ positionals: [dir], flags }: StatusCall, terminal: Terminal): Promise<ExitCode> {
  const site = await findSite(dir, terminal);
  const found = await site.status();
  terminal.out(flags.json ? `${JSON.stringify(found, undefined, 2)}\n` : statusText(found));
  return 0;
}

/** As a person reads it. */
export function statusText(status: SiteStatus): string {
  const sections = [
    table("LISTENER", ["ADDRESS", "READY"], status.listeners, (each) => [each.name, each.address, yes(each.ready)]),
    table("GATEWAYCLASS", ["STATE"], status.gatewayClasses, (each) => [each.name, conditionText(each.conditions)]),
    table("GATEWAY", ["ADDRESSES", "STATE"], status.gateways, (each) => [
      id(each),
      each.addresses.map(({ value }) => value).join(","),
      gatewayText(each),
    ]),
    table("LISTENERSET", ["STATE"], status.listenerSets, (each) => [id(each), gatewayText(each)]),
    table("ROUTE", ["STATE"], status.routes, (each) => [
      `${each.kind === "HTTPRoute" ? "" : `${each.kind.toLowerCase()}/`}${id(each)}`,
      conditionText(each.conditions),
    ]),
    table("POLICY", ["STATE"], status.policies, (each) => [
      id(each),
      conditionText(each.ancestors.flatMap(({ conditions }) => conditions)),
    ]),
    table("COMPONENT", ["STATE", "DIGEST"], status.components, (each) => [
      id(each),
      each.state,
      each.digest.replace("sha256:", "").slice(0, 12),
    ]),
    table("SERVICE", ["READY"], status.services, (each) => [id(each), `${each.ready}/${each.total}`]),
    table("WORKLOAD", ["READY", "STATE"], status.workloads, (each) => [
      `${each.kind.toLowerCase()}/${id(each)}`,
      `${each.ready}/${each.total}`,
      each.status,
    ]),
  ];
  const problems = status.problems.map((problem) => renderProblem(problem));
  return [`site ${status.site}\n`, ...sections.filter((section) => section !== ""), ...problems].join("\n");
}

function table<T>(name: string, columns: string[], items: readonly T[], row: (item: T) => string[]): string {
  if (items.length === 0) return "";
  const rows = [[name, ...columns], ...items.map(row)];
  const widths = rows[0]!.map((_, index) => Math.max(...rows.map((cells) => cells[index]?.length ?? 0)));
  return rows
    .map(
      (cells) =>
        `${cells
          .map((cell, index) => cell.padEnd(widths[index]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function id({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

function gatewayText({ conditions, listeners }: SiteStatus["listenerSets"][number]): string {
  const bad = listeners.filter((listener) => conditionText(listener.conditions) !== "Accepted");
  const own = conditionText(conditions);
  const ofListeners = bad.map((listener) => `${listener.name}: ${conditionText(listener.conditions)}`);
  return [...(own === "Accepted" && bad.length > 0 ? [] : [own]), ...ofListeners].join("; ");
}

/** Conditions that are bad news where they hold. */
const unwanted = new Set(["PartiallyInvalid", "Conflicted", "InsecureFrontendValidationMode"]);

function conditionText(conditions: SiteStatus["routes"][number]["conditions"]): string {
  const bad = conditions.filter(({ type, status }) => (status === "True") === unwanted.has(type));
  return bad.length === 0
    ? "Accepted"
    : bad.map(({ type, reason, message }) => `${type}: ${reason} (${message})`).join("; ");
}

function yes(value: boolean): string {
  return value ? "yes" : "no";
}
