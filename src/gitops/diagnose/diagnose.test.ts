import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { parse } from "../../model/index.ts";
import type { Problem } from "../../model/index.ts";
import { diagnose, withPlanned } from "./index.ts";

const pod = `apiVersion: v1
kind: Pod
metadata: { name: p, namespace: shop }
spec: { hostNetwork: true, containers: [{ name: a, image: x, env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }] }] }
`;

function read(text: string) {
  return parse([{ path: "site.yaml", bytes: Buffer.from(text) }]).resources;
}

test("only the operator lifts the baseline, and for one namespace", () => {
  const codes = (allowPrivileged: string[]) => diagnose(read(pod), { allowPrivileged }).map(({ code }) => code);
  expect(codes([])).toEqual(["pod-security", "dangling-reference"]);
  expect(codes(["default"])).toContain("pod-security");
  expect(codes(["shop"])).toEqual(["dangling-reference"]);
});

test("what the planner says again is dropped, the rest is placed", () => {
  const resources = read(pod);
  const problem = (resource: string, code: Problem["code"]): Problem => ({
    severity: "error",
    code,
    message: "m",
    remedy: "r",
    resource,
  });
  const planned = [
    problem("Pod/shop/p", "dangling-reference"),
    problem("Pod/shop/p", "not-supported"),
    problem("Pod/x/y", "schema"),
  ];
  const all = withPlanned(diagnose(resources), planned, resources);
  expect(all.map(({ code, severity, line }) => `${code} ${severity} ${line}`)).toEqual([
    "not-supported error 3",
    "pod-security error 4",
    "dangling-reference warning 4",
    "schema error undefined",
  ]);
});

test("never throws for what passed the schemas, however references are mixed up", () => {
  const folder = join(import.meta.dirname, "golden");
  const texts = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  const documents = texts.flatMap((name) =>
    parseAllDocuments(readFileSync(join(folder, name), "utf8")).map((document) => JSON.stringify(document.toJS())),
  );
  const names = ["edge", "orders", "auth", "default", "shop", "http", "keys", "constructor", "toString"];
  const swap = fc.record({ from: fc.constantFrom(...names), to: fc.constantFrom(...names) });
  const site = fc.record({
    chosen: fc.subarray(documents, { maxLength: 12 }),
    swaps: fc.array(swap, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(site, ({ chosen, swaps }) => {
      const text = chosen.map((document) =>
        swaps.reduce((all, { from, to }) => all.replaceAll(`"${from}"`, `"${to}"`), document),
      );
      const resources = read(text.map((document) => stringify(JSON.parse(document))).join("---\n"));
      for (const problem of diagnose(resources)) {
        expect(problem).toMatchObject({ file: "site.yaml", line: expect.any(Number), resource: expect.any(String) });
        expect(Object.keys(problem).toSorted()).toEqual([
          "code",
          "column",
          "file",
          "line",
          "message",
          "remedy",
          "resource",
          "severity",
        ]);
      }
    }),
    { numRuns: 300 },
  );
});
