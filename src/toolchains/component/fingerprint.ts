import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { sourceHash } from "../source/index.ts";
import { sdkFolder } from "./sdk.ts";

const require = createRequire(import.meta.url);

/** One text for everything besides the sources that decides what a build gives. */
export async function fingerprintOf(packages: string[], sdk: string[], ...other: string[]): Promise<string> {
  const versions = await Promise.all(packages.map(versionOf));
  const parts = await Promise.all(sdk.map((name) => sourceHash(sdkFolder(name))));
  return createHash("sha256")
    .update([...versions, ...parts, ...other].join("\n"))
    .digest("hex");
}

/** Read from the package's folder: `exports` hides package.json in some. */
async function versionOf(name: string): Promise<string> {
  const paths = require.resolve.paths(name) ?? [];
  for (const path of paths) {
    const text = await readFile(`${path}/${name}/package.json`, "utf8").catch(() => undefined);
    if (text !== undefined) return `${name} ${(JSON.parse(text) as { version: string }).version}`;
  }
  return `${name} missing`;
}
