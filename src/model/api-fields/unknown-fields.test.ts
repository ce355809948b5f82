import { expect, it } from "vitest";
import type { z } from "zod";
import { schemas } from "../kinds/index.ts";
import { fieldsOf, type Fields } from "./field-table.ts";
import { unknownFields, unknownOfRule } from "./unknown-fields.ts";

const route = (rule: object, spec: object = {}): Record<string, unknown> => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "shop" },
  spec: { ...spec, rules: [rule] },
});

const told = (document: Record<string, unknown>) =>
  unknownFields(document).map(({ path, near }) => [path.join("."), near]);

it.each([
  [{ filter: [] }, "spec.rules.0.filter", "filters"],
  [{ match: [] }, "spec.rules.0.match", "matches"],
  [{ backendRef: [] }, "spec.rules.0.backendRef", "backendRefs"],
  [{ matches: [{ header: [] }] }, "spec.rules.0.matches.0.header", "headers"],
  [{ filters: [{ type: "ExtensionRef", extensionref: {} }] }, "spec.rules.0.filters.0.extensionref", "extensionRef"],
  [{ backendRefs: [{ name: "a", filter: [] }] }, "spec.rules.0.backendRefs.0.filter", "filters"],
  [{ middlewares: [] }, "spec.rules.0.middlewares", undefined],
])("finds what a rule does not have: %j", (rule, path, near) => {
  expect(told(route(rule))).toEqual([[path, near]]);
});

it.each([
  [{ containers: [{ comand: [] }] }, "spec.containers.0.comand", "command"],
  [{ containers: [{ env: [{ name: "A", valuefrom: {} }] }] }, "spec.containers.0.env.0.valuefrom", "valueFrom"],
  [{ containers: [{ livenessProb: {} }] }, "spec.containers.0.livenessProb", "livenessProbe"],
  [
    { initContainers: [{ securityContext: { runAsNonroot: true } }] },
    "spec.initContainers.0.securityContext.runAsNonroot",
    "runAsNonRoot",
  ],
  [{ volumes: [{ name: "a", secrets: {} }] }, "spec.volumes.0.secrets", "secret"],
  [{ affinity: { nodeAffinty: {} } }, "spec.affinity.nodeAffinty", "nodeAffinity"],
])("finds what a pod does not have: %j", (spec, path, near) => {
  expect(told({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec })).toEqual([[path, near]]);
});

it("leaves alone what has no fixed names, what the API server writes, and what begins with x-", () => {
  const document = {
    "x-common": { anything: 1 },
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "a",
      labels: { speling: "b" },
      annotations: { filter: "c" },
      managedFields: [{ manager: "kubectl", fieldsV1: { "f:spec": {} } }],
      creationTimestamp: null,
    },
    spec: {
      selector: { matchLabels: { match: "a" } },
      template: {
        metadata: { creationTimestamp: null, labels: { match: "a" } },
        spec: {
          nodeSelector: { filter: "a" },
          containers: [{ name: "a", resources: { limits: { "example.com/gpu": 1 } }, tty: true }],
          volumes: [{ name: "v", csi: { driver: "a", volumeAttributes: { any: "b" } } }],
        },
      },
    },
    status: { anything: 1 },
  };
  expect(told(document)).toEqual([]);
  expect(told({ apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, stringData: { filter: "b" } })).toEqual([]);
});

it("looks at the metadata of our own kinds, and leaves their fields to their schemas", () => {
  const document = { kind: "WasmComponent", metadata: { name: "a", label: {} }, spec: { isolaton: "reuse" } };
  expect(told(document)).toEqual([["metadata.label", "labels"]]);
});

it("names a field that stands in a rule, or around all rules, for that rule", () => {
  const two = { ...route({}), spec: { rules: [{}, { middlewares: [] }] } };
  expect([unknownOfRule(two, 0), unknownOfRule(two, 1)]).toEqual([undefined, ["spec", "rules", 1, "middlewares"]]);
  expect(unknownOfRule(route({}, { domains: [] }), 0)).toEqual(["spec", "domains"]);
  expect(unknownOfRule({ ...route({}), metadata: { name: "a", extra: 1 } }, 0)).toBeUndefined();
});

it("takes no rule for known that it did not get to", () => {
  const much = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`field${index}`, 1]));
  const two = { ...route({}), spec: { rules: [much, { middlewares: [] }] } };
  expect(unknownOfRule(two, 1)).toEqual(["spec", "rules", 0, "field99"]);
});

it("tells of no more than a hundred in one document", () => {
  const spec = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`field${index}`, 1]));
  expect(unknownFields({ kind: "Pod", metadata: { name: "a" }, spec })).toHaveLength(100);
});

/** Fields that a schema reads and the table has not. */
function missing(schema: z.core.$ZodType, fields: Fields | undefined, path: string): string[] {
  const { def } = schema._zod as unknown as { def: Def };
  if (def.innerType !== undefined) return missing(def.innerType, fields, path);
  if (def.element !== undefined) return missing(def.element, fields, path);
  if (def.options !== undefined) return def.options.flatMap((option) => missing(option, fields, path));
  return Object.entries(def.shape ?? {}).flatMap(([name, inner]) => {
    const place = `${path}.${name}`;
    // What is not looked into holds whatever its reader wants.
    if (fields === undefined) return [];
    if (!fields.has(name)) return [place];
    return missing(inner, fields.get(name), place);
  });
}
interface Def {
  innerType?: z.core.$ZodType;
  element?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  shape?: Record<string, z.core.$ZodType>;
}

it.each(Object.keys(schemas).filter((kind) => fieldsOf(kind) !== undefined))("%s: what is read is known", (kind) => {
  expect(missing(schemas[kind as keyof typeof schemas], fieldsOf(kind), kind)).toEqual([]);
});

it("knows every standard kind that is read", () => {
  const own = Object.entries(schemas).filter(
    ([, { shape }]) => shape.apiVersion.safeParse("bandstand.dev/v1alpha1").success,
  );
  const standard = Object.keys(schemas).filter((kind) => !own.some(([name]) => name === kind));
  expect(standard.filter((kind) => fieldsOf(kind) === undefined)).toEqual([]);
});
