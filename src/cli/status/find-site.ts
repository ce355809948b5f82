import { BandstandError } from "../../foundation/errors/index.ts";
import { shellWord } from "../../foundation/files/index.ts";
import { SiteClient } from "../../node/admin/index.ts";
import { SiteState } from "../../node/state/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { knownFolder, ofAnother } from "../up/folder.ts";

/**
 * The running site of a folder; without one, of this folder or the only one that runs. Throws `not-running`, `state-locked` where
 * its name is another folder's, and `site-invalid` for what is no folder.
 */
export async function findSite(dir: string | undefined, terminal: Terminal): Promise<SiteClient> {
  if (dir !== undefined) return siteOf(dir, terminal);
  const here = await siteOf(".", terminal).catch(() => undefined);
  if (here !== undefined) return here;
  const names = await SiteState.names(terminal.environment);
  const all = (await Promise.all(names.map((each) => running(each, terminal).catch(() => undefined)))).filter(
    (each) => each !== undefined,
  );
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

async function siteOf(dir: string, terminal: Terminal): Promise<SiteClient> {
  const { path, site } = await knownFolder(dir, terminal);
  const state = await running(site, terminal);
  if (state === undefined) {
    throw new BandstandError("not-running", `nothing serves ${dir}`, {
      remedy: `Start it: bandstand up ${shellWord(dir)}`,
    });
  }
  // While it starts for the first time nothing says yet whose it is.
  const taken = (await state.record())?.folder ?? path;
  if (taken !== path) throw ofAnother(site, taken, `If that is the one that you mean, name it: ${shellWord(taken)}`);
  return new SiteClient(state.at("admin"));
}

async function running(site: string, terminal: Terminal): Promise<SiteState | undefined> {
  const state = await SiteState.find(site, terminal.environment).catch(() => undefined);
  return state !== undefined && (await state.holder()) !== undefined ? state : undefined;
}
