import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import { whyUnreadable } from "../../foundation/files/index.ts";
import { nameOfSite } from "../../gitops/name.ts";

export interface SiteFolder {
  /** Without links. */
  path: string;
  site: string;
}

/** Path of the folder that a user named, without links. Throws `site-invalid` where there is none to read. */
export async function existingFolder(dir: string, cwd: string): Promise<string> {
  try {
    const path = await realpath(resolve(cwd, dir));
    if ((await stat(path)).isDirectory()) return path;
  } catch (cause) {
    throw new BandstandError("site-invalid", `${dir} ${whyUnreadable(cause)}`, { remedy, cause });
  }
  throw new BandstandError("site-invalid", `${dir} is a file: expected a folder`, { remedy });
}

const remedy = "Name a folder with the site's YAML.";

/** The folder that a user named. Throws `site-invalid` where there is none, or where its name cannot be one. */
export async function siteFolder(dir: string, cwd: string): Promise<SiteFolder> {
  const path = await existingFolder(dir, cwd);
  const site = await nameOfSite(path);
  // The name becomes a folder and the names of containers.
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(site)) {
    throw new BandstandError("site-invalid", `the site's name "${site}" is no DNS label`, {
      remedy: "Use a-z, 0-9 and -, at most 63, in metadata.name of its Site document.",
    });
  }
  return { path, site };
}
