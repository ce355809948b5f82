import type { Path } from "./position.ts";

/** What a wrong value is shown as. */
export type Show = (value: unknown) => string;

const typeNames: Record<string, string> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

/** A type of a schema in words. */
export function typeWords(type: string): string {
  return typeNames[type] ?? type;
}

/** `one of a, b, c`. */
export function choices(values: readonly unknown[]): string {
  const texts = values.map(String);
  return texts.length === 1 ? texts[0]! : `one of ${texts.join(", ")}`;
}

/** A value as it may be quoted: scalars, cut where they are long. */
export function shown(value: unknown): string {
  if (typeof value === "object" || value === undefined) return kindOf(value);
  // Neither has a form in JSON.
  if (typeof value === "number" && !Number.isFinite(value))
    return String(value).replace("Infinity", ".inf").replace("NaN", ".nan");
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…${typeof value === "string" ? '"' : ""}` : text;
}

/** Only the type of a value, for what must not be quoted. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "boolean" ? "a boolean" : typeWords(typeof value);
}

/** `at least 1 item`, `at most 65535`. */
export function amount(number: number | bigint, origin: string): string {
  const unit = { string: "character", array: "item" }[origin];
  return unit === undefined ? String(number) : `${number} ${unit}${number === 1 ? "" : "s"}`;
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
