import { unknownFields } from "../api-fields/unknown-fields.ts";
import { schemas } from "../kinds/index.ts";
import type { Resource, UnknownResource } from "../kinds/types.ts";
import type { Problem } from "../problem/problem.ts";
import { Resources, resourceKey } from "../resources/resources.ts";
import type { SourceFile } from "./decode.ts";
import { decode } from "./decode.ts";
import { identify, isKubernetes, isNamespaced } from "./identify.ts";
import type { Finding } from "./issues.ts";
import { findings, unknownApiField } from "./issues.ts";
import type { Source } from "./position.ts";
import { positionIn } from "./position.ts";
import { readDocuments } from "./documents.ts";

/** What a folder's files say. `problems` in the order of files and lines. */
export interface Parsed {
  resources: Resources;
  problems: Problem[];
  /** Files that hold no Kubernetes resource, such as a package.json. */
  ignored: string[];
}

/**
 * Reads resources from the contents of files: multi-document YAML or JSON. Never throws; all problems
 * of all files come back at once, and what is valid comes back beside them.
 */
export function parse(files: readonly SourceFile[]): Parsed {
  const parser = new Parser();
  for (const file of files) parser.file(file);
  return { resources: parser.resources, problems: parser.problems, ignored: parser.ignored };
}

class Parser {
  readonly resources = new Resources();
  readonly problems: Problem[] = [];
  readonly ignored: string[] = [];

  file(file: SourceFile): void {
    const decoded = decode(file);
    if ("problem" in decoded) {
      this.problems.push(decoded.problem);
      return;
    }
    if (file.path.endsWith(".json") && !decoded.text.includes('"apiVersion"')) {
      this.ignored.push(file.path);
      return;
    }
    const { documents, problems } = readDocuments(file.path, decoded.text);
    const ours = documents.some(({ value }) => isKubernetes(value));
    if (!ours && problems.length === 0) this.ignored.push(file.path);
    if (ours) for (const { value, source } of documents) this.#document(value, source, problems);
    this.problems.push(...limited(problems.toSorted(byPlace), "file"));
  }

  #document(value: unknown, source: Source, problems: Problem[]): void {
    if (value === null || value === undefined) return;
    if (!isKubernetes(value)) {
      problems.push(place(noResource, source));
      return;
    }
    const identity = identify(value);
    if (identity.type === "broken") problems.push(place(identity.finding, source, nameOf(value)));
    else if (identity.type === "list") this.#list(identity.items, source, problems);
    else if (identity.type === "unknown") this.#unknown(value, identity.finding, source, problems);
    else this.#known(value, schemas[identity.kind], source, problems);
  }

  #list(items: unknown[], source: Source, problems: Problem[]): void {
    items.forEach((item, index) => {
      this.#document(item, { ...source, prefix: [...source.prefix, "items", index] }, problems);
    });
  }

  #unknown(value: Record<string, unknown>, finding: Finding, source: Source, problems: Problem[]): void {
    const metadata = typeof value["metadata"] === "object" ? value["metadata"] : {};
    const resource = { ...value, metadata: { name: "", ...metadata } } as unknown as UnknownResource;
    this.resources.addUnknown(resource, source);
    problems.push({ ...place(finding, source, nameOf(value)), severity: "warning" });
  }

  #known(
    value: Record<string, unknown>,
    schema: (typeof schemas)[keyof typeof schemas],
    source: Source,
    problems: Problem[],
  ): void {
    const unknown = unknownFields(value).map((field) => unknownApiField(field, String(value["kind"])));
    for (const finding of unknown) {
      problems.push({ ...place(finding, source, nameOf(value)), severity: finding.severity });
    }
    fillNamespace(value);
    const result = schema.safeParse(value);
    if (!result.success) {
      const hidden = value["kind"] === "Secret";
      for (const finding of findings(result.error, value, hidden)) {
        problems.push(place(withoutName(finding, value), source, nameOf(value)));
      }
      return;
    }
    if (unknown.some(({ severity }) => severity === "error")) return;
    const present = this.resources.add(result.data as Resource, source);
    if (present) problems.push(this.#duplicate(result.data as Resource, present, source));
  }

  #duplicate(resource: Resource, present: Resource, source: Source): Problem {
    const first = this.resources.position(present, ["metadata", "name"]);
    const message = `${resourceKey(resource)} is already defined at ${first?.file}:${first?.line}:${first?.column}`;
    const finding = { code: "duplicate-resource", path: ["metadata", "name"], at: "value", message } as const;
    return place(
      { ...finding, remedy: "Remove one of the two, or give it another name." },
      source,
      resourceKey(resource),
    );
  }
}

/** Problems of one file, or of a whole site, that are told: more help nobody, and a hostile file has a million. */
const problemLimit = 100;

/** The first of them; the worst of the others stands for these, so that an error is never lost among warnings. */
export function limited(problems: Problem[], where: "file" | "folder"): Problem[] {
  // One more takes no more room than to say that there is one.
  if (problems.length <= problemLimit + 1) return problems;
  const [worst, ...others] = problems.slice(problemLimit).toSorted((a, b) => (a.severity < b.severity ? -1 : 1));
  if (worst === undefined) return problems;
  const message = `${others.length + 1} more problems in this ${where}, among them: ${worst.message}`;
  return [...problems.slice(0, problemLimit), { ...worst, message }];
}

function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

const noResource: Finding = {
  code: "schema",
  path: [],
  at: "value",
  message: "the document has neither apiVersion nor kind",
  remedy: "Add them, or move the document to a file that holds no resources.",
};

function place(finding: Finding, source: Source, resource?: string): Problem {
  const { code, message, remedy, path, at } = finding;
  const position = positionIn(source, path, at);
  return { severity: "error", code, message, remedy, ...position, ...(resource === undefined ? {} : { resource }) };
}

/** A document without a namespace stands in `default`, as with kubectl. */
function fillNamespace(value: Record<string, unknown>): void {
  const { kind, metadata } = value;
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) return;
  const fields = metadata as Record<string, unknown>;
  if (!isNamespaced(String(kind))) delete fields["namespace"];
  else if (fields["namespace"] === undefined || fields["namespace"] === "") fields["namespace"] = "default";
}

function withoutName(finding: Finding, value: Record<string, unknown>): Finding {
  const metadata = value["metadata"] as Record<string, unknown> | undefined;
  if (finding.path.join("/") !== "metadata/name" || metadata?.["generateName"] === undefined) return finding;
  return { ...finding, remedy: "Add metadata.name: generateName would make a new resource at every start." };
}

/** `Kind/namespace/name` of a document as far as it says so. */
function nameOf(value: Record<string, unknown>): string | undefined {
  const { kind, metadata } = value;
  const { name, namespace } = ((typeof metadata === "object" ? metadata : undefined) as Record<string, unknown>) ?? {};
  if (typeof kind !== "string" || typeof name !== "string") return undefined;
  if (!isNamespaced(kind)) return `${kind}/${name}`;
  return `${kind}/${typeof namespace === "string" && namespace !== "" ? namespace : "default"}/${name}`;
}
