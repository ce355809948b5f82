import type { Rule } from "../rule.ts";

/** A folder is one site. */
export const singleSite: Rule = ({ resources }) => {
  const [first, ...others] = resources.all("Site");
  return others.map((site) => {
    const place = first && resources.position(first, ["metadata", "name"]);
    return resources.problem(site, ["metadata", "name"], {
      severity: "error",
      code: "duplicate-site",
      message: `the folder is already named as site ${first?.metadata.name} at ${place?.file}:${place?.line}:${place?.column}`,
      remedy: "Keep one Site document in a folder.",
    });
  });
};
