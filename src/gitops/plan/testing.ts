import type { Resource } from "../../model/kinds/types.ts";
import { parse } from "../../model/index.ts";
import type { ImageBuildPlan } from "../../model/plan/index.ts";
import type { Resolved } from "./input.ts";

/** Resources of a YAML text; for tests. Throws where the text has problems: tests of plans begin with valid resources. */
export function resourcesOf(text: string): Resource[] {
  const { resources, problems } = parse([{ path: "site.yaml", bytes: Buffer.from(text) }]);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return [...resources];
}

/** Every component and build as resolved, but components named `broken…`; for tests. */
export function resolvedFor(resources: readonly Resource[]): Resolved {
  const components = new Map<string, { digest: string } | { reason: string }>();
  const builds = new Map<string, ImageBuildPlan>();
  for (const resource of resources) {
    const { name, annotations } = resource.metadata;
    if (resource.kind === "WasmComponent") {
      const id = `${resource.metadata.namespace}/${name}`;
      const digest = `sha256:${Buffer.from(name).toString("hex").padEnd(64, "0")}`;
      components.set(id, name.startsWith("broken") ? { reason: "it does not compile" } : { digest });
    }
    const context = annotations?.["bandstand.dev/build"];
    if (context !== undefined && "namespace" in resource.metadata) {
      const key = `${resource.kind}/${resource.metadata.namespace}/${name}`;
      builds.set(key, { image: `localhost/shop/${name}:1`, context: `/site/${context}`, hash: "0".repeat(64) });
    }
  }
  return { components, builds };
}
