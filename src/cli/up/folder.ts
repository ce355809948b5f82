import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import { nameOfSite } from "../../gitops/name.ts";

export interface SiteFolder {
  /** Without links. */
  path: string;
  site: string;
}

/** The folder that a user named. Throws `site-invalid` where there is none, or where its name cannot be one. */
export async function siteFolder(dir: string, cwd: string): Promise<SiteFolder> {
  let path: string;
  try {
    path = await realpath(resolve(cwd, dir));
    if (!(await stat(path)).isDirectory()) throw new Error("it is a file");
  } catch (cause) {
    throw new BandstandError("site-invalid", `${dir} cannot be served: ${messageOf(cause)}`, {
      remedy: "Name a folder with the site's YAML.",
      cause,
    });
  }
  const site = await nameOfSite(path);
  // The name becomes a folder and the names of containers.
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(site)) {
    throw new BandstandError("site-invalid", `the site's name "${site}" is no DNS label`, {
      remedy: "Use a-z, 0-9 and -, at most 63, in metadata.name of its Site document.",
    });
  }
  return { path, site };
}
