import { readFile } from "node:fs/promises";

export interface Versions {
  bandstand: string;
  node: string;
  v8: string;
}

/** Of this installation; package.json stands two folders above both `src/cli` and `dist/cli`. */
export async function versions(): Promise<Versions> {
  const text = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return { bandstand: version, node: process.versions.node, v8: process.versions.v8 };
}
