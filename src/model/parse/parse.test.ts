import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { parse, renderProblem } from "../index.ts";
import type { Parsed } from "../index.ts";

function parseText(text: string, path = "site.yaml"): Parsed {
  return parse([{ path, bytes: Buffer.from(text) }]);
}

const configMap = (name: string, data = "{}"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: ${data}\n`;

test("reads what kubectl reads: YAML 1.1, quantities as numbers, empty values, empty documents", () => {
  const { resources, problems } = parseText(`---
# nothing
---
apiVersion: v1
kind: Pod
metadata: { name: p, labels: null, creationTimestamp: 2026-01-31T12:00:00Z, namespace: "" }
spec:
  hostNetwork: no
  containers:
    - name: a
      image: x
      command:
      resources: { limits: { memory: 128Mi, cpu: 0.5 }, requests: { cpu: 1 } }
      ports: [{ containerPort: 0x50 }]
      livenessProbe: { httpGet: { port: http, path: / } }
      somethingNew: { kept: [1, two] }
  volumes:
    - name: scratch
      emptyDir:
    - { name: mode, configMap: { name: c, defaultMode: 0400 } }
---
...
`);
  expect(problems).toMatchObject([{ code: "unknown-field", severity: "warning" }]);
  const pod = resources.get("Pod", "default", "p")!;
  expect(pod.metadata).toEqual({ name: "p", namespace: "default", creationTimestamp: "2026-01-31T12:00:00Z" });
  expect(pod.spec.hostNetwork).toBe(false);
  const [container] = pod.spec.containers;
  expect(container).not.toHaveProperty("command");
  expect(container?.resources).toEqual({ limits: { memory: "128Mi", cpu: 0.5 }, requests: { cpu: 1 } });
  expect(container?.ports).toEqual([{ containerPort: 80 }]);
  expect(container?.["somethingNew"]).toEqual({ kept: [1, "two"] });
  expect(pod.spec.volumes).toEqual([{ name: "scratch" }, { name: "mode", configMap: { name: "c", defaultMode: 256 } }]);
});

test("a number has a digit before its exponent; what has none is a word", () => {
  const { resources, problems } = parseText(configMap("e1", "{ A: ., B: -e2, C: .e1, D: E5 }"));
  expect(problems).toEqual([]);
  expect(resources.get("ConfigMap", "default", "e1")?.data).toEqual({ A: ".", B: "-e2", C: ".e1", D: "E5" });
  expect(parseText("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: 1e3 }\n").problems).toHaveLength(1);
});

test("an empty value in a map of strings is the empty string, as in Kubernetes", () => {
  const { resources } = parseText(configMap("c", "{ A: , B: b }"));
  expect(resources.get("ConfigMap", "default", "c")?.data).toEqual({ A: "", B: "b" });
});

test("merge keys: explicit keys win, earlier maps over later ones, wherever << stands", () => {
  const { resources, problems } = parseText(`apiVersion: v1
kind: ConfigMap
metadata: { name: c }
x-maps: [&a { A: a, B: a }, &b { B: b, C: b }]
data: { C: own, <<: [*a, *b], "<<": quoted }
`);
  expect(problems).toMatchObject([{ code: "invalid-value" }]);
  expect(problems[0]?.message).toContain('data["<<"]');
  const merged = parseText(
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\nx-maps: [&a {A: a, B: a}, &b {B: b, C: b}]\ndata: {C: own, <<: [*a, *b]}",
  );
  expect(merged.problems).toEqual([]);
  expect(merged.resources.get("ConfigMap", "default", "c")?.data).toEqual({ A: "a", B: "a", C: "own" });
  expect(resources.all("ConfigMap")).toEqual([]);
});

test("fills in the defaults of components, in bytes and milliseconds", () => {
  const { resources, problems } = parseText(`apiVersion: bandstand.dev/v1alpha1
kind: WasmComponent
metadata: { name: auth }
spec: { file: a.wasm, limits: { wall: 1m30s, memory: 1Mi }, identityHeaders: [X-User] }
`);
  expect(problems).toEqual([]);
  expect(resources.get("WasmComponent", "default", "auth")?.spec).toEqual({
    file: "a.wasm",
    isolation: "request",
    runtime: "v8",
    limits: {
      memory: 1048576,
      cpu: 50,
      wall: 90_000,
      requestBody: 10485760,
      responseBody: 10485760,
      concurrency: 128,
      queue: 1024,
      resources: 10_000,
      headers: 1000,
      headerBytes: 131_072,
      log: 65_536,
    },
    capabilities: { http: [], services: [], keyValue: [], mode: "enforce" },
    config: {},
    configFrom: [],
    identityHeaders: ["x-user"],
  });
});

test("ignores files without resources, and only those", () => {
  const files = {
    "package.json": '{ "name": "x", "kind": 1 }',
    "tsconfig.json": '{ // comment\n "a": 1, }',
    "compose.yaml": "services: { web: { image: nginx } }",
    "empty.yaml": "# nothing\n---\n",
    "list.yaml": "- a\n- b\n",
  };
  const { problems, ignored } = parse(
    Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
  );
  expect(problems).toEqual([]);
  expect(ignored).toEqual(Object.keys(files));
  expect(parseText("a: b: c").problems).toMatchObject([{ code: "yaml-syntax", line: 1 }]);
  expect(parseText('{ "apiVersion": "v1", }', "a.json").problems).toMatchObject([{ code: "schema" }]);
  expect(parseText(`- {}\n---\napiVersion: v1\n${"---\n- {}\n".repeat(1000)}`).problems).toHaveLength(101);
});

test("keeps resources of unknown kinds with what they say", () => {
  const { resources, problems } = parseText(
    "apiVersion: example.com/v1\nkind: Thing\nmetadata: { name: t }\nspec: { a: 1 }\n",
  );
  expect(problems).toMatchObject([{ code: "unknown-kind", severity: "warning" }]);
  expect(resources.unknown).toEqual([
    { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "t" }, spec: { a: 1 } },
  ]);
});

test("problems of all files and documents come at once; what is valid comes beside them", () => {
  const files = [
    { path: "a.yaml", bytes: Buffer.from(`${configMap("a", "[1]")}---\n${configMap("B")}---\n${configMap("good")}`) },
    { path: "b.yaml", bytes: Buffer.from(`${configMap("good")}---\nx: [\n`) },
  ];
  const { resources, problems } = parse(files);
  expect(problems.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([
    "a.yaml:4 schema",
    "a.yaml:8 invalid-value",
    "b.yaml:3 duplicate-resource",
    "b.yaml:6 yaml-syntax",
  ]);
  expect(problems[2]?.message).toContain("a.yaml:13:19");
  expect(resources.all("ConfigMap").map(({ metadata }) => metadata.name)).toEqual(["good"]);
});

test("places later problems through aliases, merge keys and lists of resources", () => {
  const { resources } = parseText(`apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: { name: c }
    x: &x
      A: one
    data:
      <<: *x
      B: two
`);
  const map = resources.get("ConfigMap", "default", "c")!;
  const at = (...path: PropertyKey[]) => {
    const { line, column } = resources.position(map, path)!;
    return `${line}:${column}`;
  };
  expect(at("data", "B")).toBe("11:10");
  expect(at("data", "A")).toBe("8:10");
  expect(at("data")).toBe("9:5");
  expect(at("data", "missing")).toBe("9:5");
  expect(at()).toBe("4:5");
  expect(resources.position(map, ["data", "B"], "key")).toEqual({ file: "site.yaml", line: 11, column: 7 });
});

test("nothing is polluted by keys that mean something to JavaScript", () => {
  parseText(
    '{"apiVersion":"v1","kind":"ConfigMap","__proto__":{"polluted":1},"metadata":{"name":"a","constructor":{"prototype":{"polluted":1}}}}',
  );
  parseText("a: &a { __proto__: { polluted: 1 } }\nb: { <<: *a }\n");
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("10,000 documents, a map of 100,000 keys and hostile shapes take seconds at most", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => configMap(`c${index}`, '{ KEY: "value", OTHER: x }')).join(
    "---\n",
  );
  const wide = configMap("wide", `\n${Array.from({ length: 100_000 }, (_, index) => `  k${index}: v`).join("\n")}`);
  const anchors = configMap("anchors", `&a {A: b}\nx:\n${"  - *a\n".repeat(100_000)}`);
  // CPU time: others may share the machine.
  const before = process.cpuUsage();
  expect(parseText(many).resources.all("ConfigMap")).toHaveLength(10_000);
  expect(parseText(wide).problems).toEqual([]);
  expect(parseText(anchors).problems).toMatchObject([{ code: "yaml-bomb" }]);
  for (const text of [
    "[".repeat(1e5),
    "{a: ".repeat(1e5),
    "- ".repeat(1e5),
    "? ".repeat(1e5),
    "&a ".repeat(1e5),
    '"'.repeat(1e5),
  ]) {
    expect(parseText(text).resources.all("ConfigMap")).toEqual([]);
  }
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(15);
});

test("never throws, whatever the bytes; every problem can be rendered", () => {
  const alphabet = [
    "a",
    ":",
    " ",
    "\n",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a",
    "*a",
    "<<: ",
    '"',
    "'",
    "\t",
    "---\n",
    "!",
    "|",
    ">",
    "%",
    "#",
  ];
  const words = [
    "apiVersion: v1\n",
    "kind: Secret\n",
    "kind: List\n",
    "metadata: ",
    "items: ",
    "__proto__: ",
    "data: ",
    "\u0000",
    "0x1F",
  ];
  const yaml = fc
    .array(fc.constantFrom(...alphabet, ...words), { maxLength: 60 })
    .map((parts) => Buffer.from(parts.join("")));
  const bytes = fc.uint8Array({ maxLength: 200 });
  const documents = fc.object({
    key: fc.constantFrom("apiVersion", "kind", "metadata", "name", "spec", "rules", "constructor"),
  });
  const shaped = documents.map((value) => Buffer.from(stringify({ apiVersion: "v1", kind: "Service", ...value })));
  fc.assert(
    fc.property(fc.oneof(yaml, bytes, shaped), (content) => {
      const { problems } = parse([{ path: "a.yaml", bytes: content }]);
      for (const problem of problems) {
        expect(problem.message).not.toBe("");
        expect(problem.remedy).not.toBe("");
        expect(renderProblem(problem, new TextDecoder().decode(content))).toContain(problem.code);
      }
    }),
    { numRuns: 2000 },
  );
});

test("what was read is read again the same, from YAML and from JSON", () => {
  // A key "<<" must be quoted in YAML, and the writer used here does not quote it.
  const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => !/__proto__|"<<":/.test(JSON.stringify(value)));
  const key = fc.stringMatching(/^[A-Za-z][-A-Za-z0-9._]{0,10}$/);
  const resource = fc.record({
    name: fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/),
    data: fc.dictionary(key, fc.string()),
    extra: json,
  });
  fc.assert(
    fc.property(resource, ({ name, data, extra }) => {
      const written = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace: "shop" },
        data,
        "x-extra": extra,
      };
      const first = parseText(JSON.stringify(written), "a.json");
      expect(first.problems).toEqual([]);
      const [read] = first.resources.all("ConfigMap");
      expect(read?.data ?? {}).toEqual(data);
      const again = parseText(stringify(read, { version: "1.1" }));
      expect(again.problems).toEqual([]);
      expect(again.resources.all("ConfigMap")).toEqual([read]);
    }),
    { numRuns: 500 },
  );
});
