/** Folders of tools: what they hold is made from something else. */
const output = new Set(["node_modules", "dist", "build", "target"]);

/** Whether a folder of this name is never looked into. */
export function isSkippedFolder(name: string): boolean {
  return name.startsWith(".") || output.has(name);
}

/** Whether a file of this name may hold resources. */
export function mayHoldResources(name: string): boolean {
  return /^[^.].*\.(?:ya?ml|json)$/.test(name) && !lockFiles.has(name);
}

/** Often larger than any file of resources may be. */
const lockFiles = new Set(["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml"]);

const kustomize = {
  tool: "Kustomize",
  remedy: "Render it into a folder of its own: mkdir ../rendered; kustomize build . > ../rendered/site.yaml",
};

/** Files that say that a folder belongs to another tool. */
export const otherTools: ReadonlyMap<string, { tool: string; remedy: string }> = new Map([
  ["kustomization.yaml", kustomize],
  ["kustomization.yml", kustomize],
  ["Kustomization", kustomize],
  [
    "Chart.yaml",
    {
      tool: "Helm",
      remedy: "Render it into a folder of its own: mkdir ../rendered; helm template . > ../rendered/site.yaml",
    },
  ],
]);

/** Whether `path` is `folder` or lies in it; both relative to the site's folder. */
export function isIn(folder: string, path: string): boolean {
  return folder === "." || path === folder || path.startsWith(`${folder}/`);
}
