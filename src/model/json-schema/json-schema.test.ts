import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonSchemas } from "./json-schema.ts";

const folder = join(import.meta.dirname, "../../../schemas");

test("schemas/ is what `node scripts/schemas.ts` writes", () => {
  const made = jsonSchemas();
  expect(readdirSync(folder).toSorted()).toEqual([...made.keys()].toSorted());
  for (const [file, schema] of made) {
    expect(JSON.parse(readFileSync(join(folder, file), "utf8")), file).toEqual(JSON.parse(JSON.stringify(schema)));
  }
});

test("editors may leave out what the parser fills in, and are told of unknown fields of our kinds", () => {
  const component = jsonSchemas().get("wasmcomponent.json") as Record<string, any>;
  expect(component["properties"].metadata.required).toEqual(["name"]);
  expect(component["properties"].spec.required ?? []).toEqual([]);
  expect(component["properties"].spec.additionalProperties).toBe(false);
  const text = JSON.stringify(component);
  for (const value of ["128Mi", "50ms", "30s", "10Mi", "request"]) expect(text).toContain(`"default":"${value}"`);
  const deployment = jsonSchemas().get("deployment.json") as Record<string, any>;
  expect(deployment["additionalProperties"]).toBeUndefined();
});
