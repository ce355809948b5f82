import { realpath } from "node:fs/promises";
import { basename } from "node:path";
import { parse } from "../model/index.ts";
import type { Resources } from "../model/index.ts";
import { readFolder } from "./source/index.ts";

/** The Site document's name, else the folder's as a DNS label. `folder` is a path without links. */
export function siteName(folder: string, resources: Resources): string {
  const [document] = resources.all("Site");
  if (document !== undefined) return document.metadata.name;
  const label = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-");
  return label.slice(0, 40).replaceAll(/^-+|-+$/g, "") || "site";
}

/** The name of a folder's site without loading it, for commands that only look at what runs. Never throws. */
export async function nameOfSite(folder: string): Promise<string> {
  const root = await realpath(folder).catch(() => folder);
  const { files } = await readFolder(root);
  // Only a file with the word in it can hold the document: a large folder need not be parsed for its name.
  const named = files.filter(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes("Site"));
  return siteName(root, parse(named).resources);
}
