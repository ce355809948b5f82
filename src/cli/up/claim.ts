import { access } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { BandstandError } from "../../foundation/errors/index.ts";
import { shellWord } from "../../foundation/files/index.ts";
import { SiteClient } from "../../node/admin/index.ts";
import type { SiteState } from "../../node/state/index.ts";
import { ofAnother } from "./folder.ts";

/** How long a process that hands over may take to end its requests. Milliseconds. */
const patience = 30_000;

/**
 * Becomes the one process that may serve this site from this folder. Answers `takeover` where a detached
 * process still serves it: call `takeOver` when everything is ready to. Throws `state-locked`.
 */
export async function claim(state: SiteState, folder: string): Promise<"claimed" | "takeover"> {
  const claimed = state.lock();
  const other = await ownerBeside(folder, state, claimed);
  if (other !== undefined) throw otherFolder(state.site, other, folder);
  if (claimed) return "claimed";
  const holder = await state.holder();
  if (holder === undefined) return claim(state, folder);
  if (holder.detached) return "takeover";
  throw new BandstandError("state-locked", `site ${state.site} is served already${by(holder.pid)}`, {
    remedy: `Stop that one (Ctrl-C where it runs, or bandstand down ${shellWord(folder)}).`,
  });
}

/** The other folder that a site's name belongs to, since it is served or has left something; `isFree`: nobody serves it. */
export async function ownerBeside(folder: string, state: SiteState, isFree: boolean): Promise<string | undefined> {
  const record = await state.record();
  if (record === undefined || record.folder === folder) return undefined;
  const left = record.containers || record.volumes || (await state.keepsValues());
  return !isFree || (left && (await exists(record.folder))) ? record.folder : undefined;
}

/** Lets the detached process end, with its containers left running, and takes its place. */
export async function takeOver(state: SiteState): Promise<void> {
  await new SiteClient(state.at("admin")).stop({ containers: "keep", volumes: false });
  await lockWithin(state, patience);
}

/** Waits for the lock. Throws `state-locked`. */
export async function lockWithin(state: SiteState, milliseconds: number): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!state.lock()) {
    if (Date.now() > deadline) {
      const holder = await state.holder();
      throw new BandstandError("state-locked", `the process that serves ${state.site} does not end${by(holder?.pid)}`, {
        remedy: holder?.pid === undefined ? "Try again." : `End it: kill -9 ${holder.pid}; then try again.`,
      });
    }
    await sleep(50);
  }
}

/** What `up` says then. */
export function otherFolder(site: string, taken: string, folder: string): BandstandError {
  const own = `Give ${folder} a name of its own with a Site document (kind: Site, metadata.name)`;
  return ofAnother(site, taken, `${own}, or free this one: bandstand down ${shellWord(taken)} --volumes`);
}

function by(pid: number | undefined): string {
  return pid === undefined ? "" : ` (process ${pid})`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
