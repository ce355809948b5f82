import { readFileSync } from "node:fs";

export interface Versions {
  bandstand: string;
  node: string;
  v8: string;
}

/** Of this installation; package.json stands two folders above both `src/cli` and `dist/cli`. */
export function versions(): Versions {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return { bandstand: version, node: process.versions.node, v8: process.versions.v8 };
}
