import type { z } from "zod";
import type { UnknownField } from "../api-fields/unknown-fields.ts";
import { suggest } from "../problem/suggest.ts";
import type { ProblemCode, Severity } from "../problem/problem.ts";
import type { Path } from "./position.ts";
import type { Show } from "./words.ts";
import { amount, choices, kindOf, pathText, shown, typeWords } from "./words.ts";

/** A schema's complaint in words, before it is placed in the file. */
export interface Finding {
  code: ProblemCode;
  path: Path;
  /** Whether the key itself is wrong. */
  at: "key" | "value";
  message: string;
  remedy: string;
}

/** Puts the complaints of a schema about `value` into words. With `hidden`, no value is quoted. */
export function findings(error: z.ZodError, value: unknown, hidden: boolean): Finding[] {
  const show: Show = hidden ? kindOf : shown;
  return error.issues.flatMap((issue) => explain(issue, value, show));
}

function explain(issue: z.core.$ZodIssue, root: unknown, show: Show): Finding[] {
  const { path } = issue;
  const got = valueAt(root, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownField(path, key, issue.message));
    case "invalid_union":
      return explainUnion(issue, root, show);
    case "invalid_key":
      return [wrongKey(path, issue.issues[0]?.message ?? "another key")];
    case "invalid_type":
      if (got === undefined) return [missing(path, typeWords(issue.expected))];
      return [wrongType(path, issue.expected, got, show)];
    case "invalid_value":
      if (got === undefined) return [missing(path, choices(issue.values))];
      return [wrongChoice(path, issue.values, got, show)];
    default:
      return [unfit(path, expectation(issue), got, show, remedyOf(issue))];
  }
}

function unknownField(path: Path, key: string, valid: string): Finding {
  const near = suggest(key, valid.split(", "));
  const meant = near ? `Did you mean "${near}"? ` : "";
  const message = `${pathText([...path, key])}: unknown field`;
  return { code: "unknown-field", path: [...path, key], at: "key", message, remedy: `${meant}Valid here: ${valid}.` };
}

/**
 * A field that the API of a standard kind does not have. One that nearly has the name of another was meant to be that, and what it
 * says is lost: an error, as for `kubectl apply`. Others may be of an API that is newer than we know: a warning, but not in a grant,
 * which would be wider than it was meant.
 */
export function unknownApiField({ path, near, valid }: UnknownField, kind: string): Finding & { severity: Severity } {
  const finding = { code: "unknown-field", path, at: "key", message: `${pathText(path)}: unknown field` } as const;
  if (near !== undefined) return { ...finding, severity: "error", remedy: `Did you mean "${near}"?` };
  const names = valid.slice(0, shownNames).join(", ") + (valid.length > shownNames ? ", …" : "");
  if (kind === "ReferenceGrant") return { ...finding, severity: "error", remedy: `Valid here: ${names}.` };
  const isOfRules = kind.endsWith("Route") && path[0] === "spec";
  const effect = isOfRules
    ? `it could be a condition or a filter: until it is gone, ${path[1] === "rules" ? "the rule" : "the route"} answers nothing but errors`
    : "it is ignored";
  return { ...finding, severity: "warning", remedy: `Remove it; ${effect}. Valid here: ${names}.` };
}

/** Fields of a container are more than anybody reads. */
const shownNames = 12;

/** Of several allowed forms, speaks of the one that the author most likely meant. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, root: unknown, show: Show): Finding[] {
  const deeper = issue.errors.find((branch) => branch.length > 0 && !branch.some(isOfWhole));
  if (deeper) return deeper.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] }, root, show));
  const all = issue.errors.flat();
  const literals = all.flatMap((inner) => (inner.code === "invalid_value" ? inner.values : []));
  const types = all.flatMap((inner) => (inner.code === "invalid_type" ? [typeWords(inner.expected)] : []));
  const got = valueAt(root, issue.path);
  if (literals.length > 0 && got !== undefined) return [wrongChoice(issue.path, literals, got, show)];
  const expected = literals.length > 0 ? choices(literals) : [...new Set(types)].join(" or ");
  if (got === undefined) return [missing(issue.path, expected)];
  return [
    {
      ...unfit(issue.path, expected, got, show, retype(types.includes("a string") ? "string" : "", got)),
      code: "schema",
    },
  ];
}

/** Whether a branch did not even fit at its root. */
function isOfWhole({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_value");
}

function wrongKey(path: Path, expected: string): Finding {
  const message = `${pathText(path)}: this key is not allowed; expected ${expected}`;
  return { code: "invalid-value", path, at: "key", message, remedy: "Change the key." };
}

function missing(path: Path, expected: string): Finding {
  const message = `${pathText(path)}: missing; expected ${expected}`;
  return { code: "schema", path, at: "value", message, remedy: `Add ${String(path.at(-1) ?? "it")}.` };
}

function wrongType(path: Path, expected: string, got: unknown, show: Show): Finding {
  const message = `${pathText(path)}: expected ${typeWords(expected)}, got ${show(got)}`;
  return { code: "schema", path, at: "value", message, remedy: retype(expected, got) };
}

function retype(expected: string, got: unknown): string {
  if (expected === "string" && ["number", "boolean"].includes(typeof got)) return "Put the value in quotes.";
  if ((expected === "number" || expected === "int") && typeof got === "string") {
    if (/^[-+]?\d+(?:\.\d+)?$/.test(got)) return "Remove the quotes.";
    // Other ways to write one, which this YAML takes for text where they stand without quotes too.
    if (got.trim() !== "" && Number.isFinite(Number(got))) return `Write it as ${Number(got)}.`;
  }
  if (expected === "boolean" && (got === "true" || got === "false")) return "Remove the quotes.";
  if (expected === "array") return "Begin each item with '- '.";
  return "Change the value.";
}

function wrongChoice(path: Path, values: readonly unknown[], got: unknown, show: Show): Finding {
  const near = typeof got === "string" ? suggest(got, values.map(String)) : undefined;
  const only = values.length === 1 ? `Write ${String(values[0])}.` : "Use one of these.";
  const message = `${pathText(path)}: expected ${choices(values)}, got ${show(got)}`;
  return { code: "invalid-value", path, at: "value", message, remedy: near ? `Did you mean ${near}?` : only };
}

function unfit(path: Path, expected: string, got: unknown, show: Show, remedy?: string): Finding {
  const at = { code: "invalid-value", path, at: "value" } as const;
  if (got === undefined) {
    const message = `${pathText(path)}: missing; expected ${expected}`;
    return { ...at, message, remedy: remedy ?? `Add ${String(path.at(-1) ?? "it")}.` };
  }
  const quoted = typeof got === "object" ? "" : `, got ${show(got)}`;
  return { ...at, message: `${pathText(path)}: expected ${expected}${quoted}`, remedy: remedy ?? "Change the value." };
}

/** Custom checks and formats carry their own words; sizes are worded here. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === "too_small") return `at least ${amount(issue.minimum, issue.origin)}`;
  if (issue.code === "too_big") return `at most ${amount(issue.maximum, issue.origin)}`;
  return issue.message;
}

function remedyOf(issue: z.core.$ZodIssue): string | undefined {
  const remedy: unknown = issue.code === "custom" ? issue.params?.["remedy"] : undefined;
  return typeof remedy === "string" ? remedy : undefined;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const segment of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[segment];
  }
  return value;
}
