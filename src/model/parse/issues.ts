import type { z } from "zod";
import { suggest } from "../problem/suggest.ts";
import type { ProblemCode } from "../problem/problem.ts";
import type { Path } from "./position.ts";

/** A schema's complaint in words, before it is placed in the file. */
export interface Finding {
  code: ProblemCode;
  path: Path;
  /** Whether the key itself is wrong. */
  at: "key" | "value";
  message: string;
  remedy: string;
}

/** What a wrong value is shown as; hidden ones by their type only. */
type Show = (value: unknown) => string;

/** Puts the complaints of a schema about `value` into words. With `hidden`, no value is quoted. */
export function findings(error: z.ZodError, value: unknown, hidden: boolean): Finding[] {
  const show: Show = hidden ? typeName : shown;
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
      return [
        got === undefined ? missing(path, typeNames[issue.expected]) : wrongType(path, issue.expected, got, show),
      ];
    case "invalid_value":
      return [got === undefined ? missing(path, choices(issue.values)) : wrongChoice(path, issue.values, got, show)];
    default:
      return [
        got === undefined && !isWhole(path)
          ? required(path, expectation(issue))
          : unfit(path, expectation(issue), got, show),
      ];
  }
}

function unknownField(path: Path, key: string, valid: string): Finding {
  const near = suggest(key, valid.split(", "));
  const meant = near ? `Did you mean "${near}"? ` : "";
  return {
    code: "unknown-field",
    path: [...path, key],
    at: "key",
    message: `${pathText([...path, key])}: unknown field`,
    remedy: `${meant}Valid here: ${valid}.`,
  };
}

/** Of several allowed forms, speaks of the one that the author most likely meant. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, root: unknown, show: Show): Finding[] {
  const deeper = issue.errors.find((branch) =>
    branch.every((inner) => inner.code !== "invalid_type" || inner.path.length > 0),
  );
  if (deeper && deeper.length > 0) {
    return deeper.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] }, root, show));
  }
  const types = issue.errors.flatMap((branch) =>
    branch.map((inner) => (inner.code === "invalid_type" ? typeNames[inner.expected] : undefined)),
  );
  const literals = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => (inner.code === "invalid_value" ? inner.values : [])),
  );
  const expected =
    literals.length > 0 ? choices(literals) : [...new Set(types.filter((type) => type !== undefined))].join(" or ");
  const got = valueAt(root, issue.path);
  if (got === undefined) return [missing(issue.path, expected)];
  return [{ ...unfit(issue.path, expected, got, show), code: literals.length > 0 ? "invalid-value" : "schema" }];
}

function wrongKey(path: Path, expected: string): Finding {
  const message = `${pathText(path)}: this key is not allowed; expected ${expected}`;
  return { code: "invalid-value", path, at: "key", message, remedy: "Change the key." };
}

function missing(path: Path, expected = "a value"): Finding {
  const message = `${pathText(path)}: missing; expected ${expected}`;
  return { code: "schema", path, at: "value", message, remedy: `Add ${String(path.at(-1) ?? "it")}.` };
}

function required(path: Path, expected: string): Finding {
  const message = `${pathText(path)}: missing; expected ${expected}`;
  return { code: "invalid-value", path, at: "value", message, remedy: `Add ${String(path.at(-1) ?? "it")}.` };
}

function wrongType(path: Path, expected: string, got: unknown, show: Show): Finding {
  const message = `${pathText(path)}: expected ${typeNames[expected] ?? expected}, got ${show(got)}`;
  return { code: "schema", path, at: "value", message, remedy: retype(expected, got) };
}

function retype(expected: string, got: unknown): string {
  if (expected === "string" && ["number", "boolean"].includes(typeof got)) return "Put the value in quotes.";
  const number = expected === "number" || expected === "int";
  if (number && typeof got === "string" && got.trim() !== "" && Number.isFinite(Number(got)))
    return "Remove the quotes.";
  if (expected === "boolean" && (got === "true" || got === "false")) return "Remove the quotes.";
  if (expected === "array") return "Begin each item with '- '.";
  return "Change the value.";
}

function wrongChoice(path: Path, values: readonly unknown[], got: unknown, show: Show): Finding {
  const near = typeof got === "string" ? suggest(got, values.map(String)) : undefined;
  const message = `${pathText(path)}: expected ${choices(values)}, got ${show(got)}`;
  return {
    code: "invalid-value",
    path,
    at: "value",
    message,
    remedy: near ? `Did you mean ${near}?` : "Use one of these.",
  };
}

function unfit(path: Path, expected: string, got: unknown, show: Show): Finding {
  const scalar = got !== undefined && typeof got !== "object";
  const message = `${pathText(path)}: expected ${expected}${scalar ? `, got ${show(got)}` : ""}`;
  return { code: "invalid-value", path, at: "value", message, remedy: "Change the value." };
}

/** Custom checks and formats carry their own words; sizes are worded here. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === "too_small") return `at least ${issue.minimum}${counted[issue.origin] ?? ""}`;
  if (issue.code === "too_big") return `at most ${issue.maximum}${counted[issue.origin] ?? ""}`;
  return issue.message;
}

const counted: Record<string, string> = { string: " characters", array: " items", record: " entries", map: " entries" };

const typeNames: Record<string, string> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

function choices(values: readonly unknown[]): string {
  const texts = values.map(String);
  return texts.length === 1 ? texts[0]! : `one of ${texts.join(", ")}`;
}

function shown(value: unknown): string {
  if (typeof value === "object" || value === undefined) return typeName(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…${typeof value === "string" ? '"' : ""}` : text;
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeNames[typeof value] ?? typeof value;
}

function isWhole(path: Path): boolean {
  return path.length === 0;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const segment of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[segment];
  }
  return value;
}

/** `spec.rules[0].matches[1]`, `metadata.labels["a.b/c"]`. */
export function pathText(path: Path): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(String(segment))) text += text === "" ? String(segment) : `.${String(segment)}`;
    else text += `[${JSON.stringify(String(segment).slice(0, 100))}]`;
  }
  return text === "" ? "the document" : text;
}
