import { suggest } from "../problem/suggest.ts";
import { fieldsOf, metadataFields, type Fields } from "./field-table.ts";

/** A field that its API does not have. */
export interface UnknownField {
  path: readonly PropertyKey[];
  /** The field that was most likely meant. */
  near: string | undefined;
  /** Names of all that may stand there. */
  valid: readonly string[];
}

/** Of one document: more help nobody. */
const most = 100;

/**
 * The fields of a document that the API of its kind does not have, in the order of the document: what the API server calls
 * `unknown field` by strict validation. Of our own kinds, whose schemas look for themselves, it is those of `metadata`.
 * Names that begin with `x-` are nobody's, as for other readers of YAML: they hold what is used further down, by anchors.
 */
export function unknownFields(document: Readonly<Record<string, unknown>>): UnknownField[] {
  const found: UnknownField[] = [];
  const fields = fieldsOf(String(document["kind"]));
  if (fields === undefined) look(document["metadata"], metadataFields(), ["metadata"], found);
  else look(document, fields, [], found);
  return found;
}

function look(value: unknown, fields: Fields, path: readonly PropertyKey[], found: UnknownField[]): void {
  if (Array.isArray(value)) return value.forEach((item, index) => look(item, fields, [...path, index], found));
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (found.length >= most) return;
    const known = fields.get(name);
    if (known !== undefined) look(inner, known, [...path, name], found);
    else if (!fields.has(name) && !name.startsWith("x-")) found.push(unknown([...path, name], name, fields));
  }
}

function unknown(path: readonly PropertyKey[], name: string, fields: Fields): UnknownField {
  const valid = [...fields.keys()];
  return { path, near: otherNumber(name, valid) ?? suggest(name, valid), valid };
}

/** One for many, and many for one, are meant more often than another word of nearly the same letters. */
function otherNumber(name: string, valid: readonly string[]): string | undefined {
  return valid.find((other) => isPlural(name, other) || isPlural(other, name));
}

function isPlural(one: string, many: string): boolean {
  return many === `${one}s` || many === `${one}es`;
}

/**
 * What in a route could be a condition or a filter of a rule that nobody here knows: the path to the first such field in the
 * rule, or around all rules. A rule that is served without may let everybody in.
 */
export function unknownOfRule(route: object, index: number): readonly PropertyKey[] | undefined {
  const paths = unknownFields(route as Record<string, unknown>).map(({ path }) => path);
  const own = paths.find(([first, second, rule]) => first === "spec" && (second !== "rules" || rule === index));
  // Where the count ended before the rule, nobody knows what stands in it.
  return own ?? (paths.length >= most ? paths.at(-1) : undefined);
}
