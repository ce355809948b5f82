import { z } from "zod";
import { schemas } from "../kinds/index.ts";

/**
 * JSON Schemas (draft 2020-12) for editors, by file name: one a kind, and `all.json` that chooses by
 * `kind`. Made from the schemas that parsing uses; rules that look at several fields are left to `check`.
 */
export function jsonSchemas(): Map<string, object> {
  const files = new Map<string, object>();
  for (const [kind, schema] of Object.entries(schemas)) {
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "ref" });
    files.set(fileOf(kind), { $schema, title: kind, ...(withoutNoise(rest) as object) });
  }
  const choice = Object.keys(schemas).map((kind) => ({
    if: { properties: { kind: { const: kind } }, required: ["kind"] },
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's keyword; nobody awaits it
    then: { $ref: fileOf(kind) },
  }));
  const $schema = "https://json-schema.org/draft/2020-12/schema";
  const required = ["apiVersion", "kind"];
  files.set("all.json", { $schema, title: "What bandstand up reads", type: "object", required, allOf: choice });
  return files;
}

function fileOf(kind: string): string {
  return `${kind.toLowerCase()}.json`;
}

/** Bounds that only say "a number that JavaScript can hold", and that unknown fields may be anything. */
function withoutNoise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNoise);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key, part]) => {
    if (key === "minimum" || key === "maximum")
      return !(typeof part === "number" && Math.abs(part) === Number.MAX_SAFE_INTEGER);
    return !(
      key === "additionalProperties" &&
      typeof part === "object" &&
      part !== null &&
      Object.keys(part).length === 0
    );
  });
  return Object.fromEntries(kept.map(([key, part]) => [key, withoutNoise(part)]));
}
