import { access, constants, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import { whyUnreadable } from "../../foundation/files/index.ts";
import { nameOfSite } from "../../gitops/name.ts";
import { SiteState } from "../../node/state/index.ts";
import type { Terminal } from "../terminal/terminal.ts";

export interface SiteFolder {
  /** Without links. */
  path: string;
  site: string;
}

/** Path of the folder that a user named, without links. Throws `site-invalid` where there is none to read. */
export async function existingFolder(dir: string, cwd: string): Promise<string> {
  try {
    const path = await realpath(resolve(cwd, dir));
    if ((await stat(path)).isDirectory()) {
      await access(path, constants.R_OK | constants.X_OK);
      return path;
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const mayNot = code === "EACCES" || code === "EPERM";
    throw new BandstandError("site-invalid", `${dir} ${whyUnreadable(cause)}`, {
      remedy: mayNot ? allow : remedy,
      cause,
    });
  }
  throw new BandstandError("site-invalid", `${dir} is a file: expected a folder`, { remedy });
}

const allow = "Give the user that runs Bandstand the right to read it, or name another folder.";
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

/**
 * As `siteFolder`, and also a folder that is not there any more, or cannot be read, whose site has state here: what it left can
 * be looked at and removed.
 */
export async function knownFolder(
  dir: string,
  { cwd, environment }: Pick<Terminal, "cwd" | "environment">,
): Promise<SiteFolder> {
  try {
    return await siteFolder(dir, cwd);
  } catch (error) {
    const path = await withoutLinks(resolve(cwd, dir));
    for (const site of await SiteState.names(environment)) {
      const state = await SiteState.find(site, environment).catch(() => undefined);
      const record = await state?.record().catch(() => undefined);
      if (record?.folder === path) return { path, site };
    }
    throw error;
  }
}

/** As far as the path is there. */
async function withoutLinks(path: string): Promise<string> {
  return realpath(path).catch(async () =>
    path === dirname(path) ? path : join(await withoutLinks(dirname(path)), basename(path)),
  );
}

/** Of a site whose name is another folder's. */
export function ofAnother(site: string, folder: string, remedy: string): BandstandError {
  return new BandstandError("state-locked", `the name ${site} belongs to another folder: ${folder}`, { remedy });
}
