import { resolve } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import { nameOfSite } from "../../gitops/name.ts";
import { SiteClient } from "../../node/admin/index.ts";
import { SiteState } from "../../node/state/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { existingFolder } from "../up/folder.ts";

/** The running site of a folder; without one, of this folder or the only one that runs. Throws `not-running`, and `site-invalid` for what is no folder. */
export async function findSite(dir: string | undefined, terminal: Terminal): Promise<SiteClient> {
  const name = await nameOfSite(resolve(terminal.cwd, dir ?? "."));
  const own = await running(name, terminal);
  if (own !== undefined) return new SiteClient(own.at("admin"));
  if (dir !== undefined) {
    await existingFolder(dir, terminal.cwd);
    throw new BandstandError("not-running", `nothing serves ${dir}`, { remedy: `Start it: bandstand up ${dir}` });
  }
  const names = await SiteState.names(terminal.environment);
  const all = (await Promise.all(names.map((each) => running(each, terminal)))).filter((each) => each !== undefined);
  const [only] = all;
  if (only === undefined) {
    throw new BandstandError("not-running", "no site is running", { remedy: "Start one: bandstand up DIR" });
  }
  if (all.length > 1) {
    const sites = all.map(({ site }) => site).join(", ");
    throw new BandstandError("usage", `several sites are running: ${sites}`, { remedy: "Name the folder of one." });
  }
  return new SiteClient(only.at("admin"));
}

async function running(site: string, terminal: Terminal): Promise<SiteState | undefined> {
  const state = await SiteState.find(site, terminal.environment).catch(() => undefined);
  return state !== undefined && (await state.holder()) !== undefined ? state : undefined;
}
