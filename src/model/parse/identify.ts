import { schemas, siteWideKinds, versionsOf } from "../kinds/index.ts";
import type { Kind } from "../kinds/types.ts";
import { suggest } from "../problem/suggest.ts";
import type { Finding } from "./issues.ts";

type Fields = Record<string, unknown>;

/** What a document turned out to be. */
export type Identity =
  | { type: "read"; kind: Kind }
  | { type: "unknown"; finding: Finding }
  | { type: "list"; items: unknown[] }
  | { type: "broken"; finding: Finding };

/** Tells what a Kubernetes document is by its `apiVersion` and `kind`. */
export function identify(document: Fields): Identity {
  const { apiVersion, kind } = document;
  if (typeof kind !== "string" || kind === "")
    return broken("kind", document, `one of ${Object.keys(schemas).join(", ")}`);
  if (typeof apiVersion !== "string" || apiVersion === "") {
    const valid = isRead(kind) ? versionsOf(kind).join(" or ") : "such as v1 or apps/v1";
    return broken("apiVersion", document, valid);
  }
  if (kind.endsWith("List") && Array.isArray(document["items"])) return { type: "list", items: document["items"] };
  if (!isRead(kind)) return { type: "unknown", finding: unknownKind(apiVersion, kind) };
  const valid = versionsOf(kind);
  if (valid.includes(apiVersion)) return { type: "read", kind };
  if (servedGroups.has(groupOf(apiVersion))) return { type: "broken", finding: wrongVersion(apiVersion, kind, valid) };
  return { type: "unknown", finding: unknownKind(apiVersion, kind) };
}

/** Whether a document means to be a Kubernetes resource, even if `apiVersion` or `kind` is missing or misspelt. */
export function isKubernetes(document: unknown): document is Fields {
  if (typeof document !== "object" || document === null || Array.isArray(document)) return false;
  const keys = Object.keys(document);
  if (keys.includes("apiVersion")) return true;
  const body = keys.includes("metadata") || keys.includes("spec");
  return body && (keys.includes("kind") || keys.some((key) => suggest(key, ["apiVersion", "kind"]) !== undefined));
}

/** Whether resources of this kind live in a namespace; of kinds that are not read, by what they say. */
export function isNamespaced(kind: string): boolean {
  return !siteWideKinds.has(kind);
}

function isRead(kind: string): kind is Kind {
  return Object.hasOwn(schemas, kind);
}

/** API groups whose kinds we read, and the one that some of them came from. */
const servedGroups = new Set([
  "",
  "apps",
  "batch",
  "extensions",
  "discovery.k8s.io",
  "gateway.networking.k8s.io",
  "bandstand.dev",
]);

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

function broken(field: "kind" | "apiVersion", document: Fields, expected: string): Identity {
  const state = document[field] === undefined ? "missing" : "not a string";
  const message = `${field}: ${state}; expected ${expected}`;
  const misspelt = Object.keys(document).find((key) => key !== "kind" && key !== "apiVersion" && suggest(key, [field]));
  const finding = { code: "schema", path: [misspelt ?? field], at: misspelt ? "key" : "value", message } as const;
  return {
    type: "broken",
    finding: { ...finding, remedy: misspelt ? `Write ${field}, not ${misspelt}.` : `Add ${field}.` },
  };
}

function wrongVersion(apiVersion: string, kind: string, valid: string[]): Finding {
  const message = `apiVersion: ${kind} is ${valid.join(" or ")}, got ${JSON.stringify(apiVersion)}`;
  const remedy = `Write apiVersion: ${valid[0]}, and adapt the fields to it.`;
  return { code: "schema", path: ["apiVersion"], at: "value", message, remedy };
}

function unknownKind(apiVersion: string, kind: string): Finding {
  const near = isRead(kind) ? undefined : suggest(kind, Object.keys(schemas));
  const message = `kind: ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)} is not known; it is kept, but nothing serves it`;
  const remedy = near ? `Did you mean ${near}?` : `Kinds that are served: ${Object.keys(schemas).join(", ")}.`;
  return { code: "unknown-kind", path: ["kind"], at: "value", message, remedy };
}
