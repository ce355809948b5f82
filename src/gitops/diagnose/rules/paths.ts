import { pathInSite } from "../../../model/index.ts";
import type { Path, Problem, Resource, Resources } from "../../../model/index.ts";
import { buildAnnotation } from "../../source/named.ts";
import type { Rule } from "../rule.ts";

/** Paths that resources name stay in the site's folder; links are followed when they are opened. */
export const paths: Rule = ({ resources }) => [...resources].flatMap((resource) => escapes(resource, resources));

function escapes(resource: Resource, resources: Resources): Problem[] {
  const file = resources.position(resource)?.file ?? "site.yaml";
  return named(resource)
    .filter(({ value }) => pathInSite(file, value) === undefined)
    .map(({ path, value }) =>
      resources.problem(resource, path, {
        severity: "error",
        code: "escapes-folder",
        message: `${String(path.at(-1))}: ${JSON.stringify(value)} leads out of the site's folder`,
        remedy: "Use a path relative to this file, with '/', to something inside the folder.",
      }),
    );
}

function named(resource: Resource): { path: Path; value: string }[] {
  const found: { path: Path; value: unknown }[] = [
    { path: ["metadata", "annotations", buildAnnotation], value: resource.metadata.annotations?.[buildAnnotation] },
  ];
  if (resource.kind === "WasmComponent") {
    found.push(
      { path: ["spec", "file"], value: resource.spec.file },
      { path: ["spec", "source"], value: resource.spec.source },
    );
  }
  if (resource.kind === "Model") found.push({ path: ["spec", "file"], value: resource.spec.file });
  if (resource.kind === "Site") found.push({ path: ["spec", "source"], value: resource.spec?.source });
  return found.filter((place): place is { path: Path; value: string } => typeof place.value === "string");
}
