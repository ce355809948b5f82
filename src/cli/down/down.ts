import { BandstandError } from "../../foundation/errors/index.ts";
import { shellWord } from "../../foundation/files/index.ts";
import { SiteClient } from "../../node/admin/index.ts";
import { SiteState } from "../../node/state/index.ts";
import type { DownCall } from "../commands/down.ts";
import type { ExitCode } from "../program/command.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { lockWithin } from "../up/claim.ts";
import { knownFolder, ofAnother } from "../up/folder.ts";
import { createEngine } from "../wiring/drivers.ts";

/** Long enough for pods with the usual 30 s of grace. Milliseconds. */
const patience = 120_000;

/** Stops the process that serves a site, if there is one, and removes what it left. */
export async function down({ positionals: [dir = "."], flags }: DownCall, terminal: Terminal): Promise<ExitCode> {
  const folder = await knownFolder(dir, terminal);
  const volumes = flags.volumes === true;
  const state = await SiteState.find(folder.site, terminal.environment);
  const record = await state?.record();
  if (record !== undefined && record.folder !== folder.path) {
    const remedy = `If that is the one that you mean: bandstand down ${shellWord(record.folder)}`;
    throw ofAnother(folder.site, record.folder, remedy);
  }
  try {
    const serves = state !== undefined && (await state.holder()) !== undefined;
    if (serves) {
      terminal.logger.info("stopping the process that serves the site");
      await new SiteClient(state.at("admin")).stop({ containers: "remove", volumes });
      await lockWithin(state, patience);
    }
    // Also after a stop: a process that was still starting removes nothing of an earlier one that was killed.
    const left = await state?.record();
    if (left === undefined || left.containers || (volumes && left.volumes)) {
      const own = state ?? (await SiteState.open(folder.site, terminal.environment));
      await lockWithin(own, 1000);
      await removeLeft(own, volumes, left === undefined, terminal).finally(() => state ?? own.remove());
    }
    if (volumes) await removed(state);
    else if (left !== undefined) await state?.writeRecord({ ...left, containers: false });
    const dataStays = !volumes && (left?.volumes === true || (await state?.keepsValues()) === true);
    terminal.out(`${saying(folder.site, record === undefined && !serves, dataStays)}\n`);
    return 0;
  } finally {
    state?.unlock();
  }
}

/** With its data everything else goes that is kept of a site: what was built and prepared, its keys. */
async function removed(state: SiteState | undefined): Promise<void> {
  if (state === undefined) return;
  await lockWithin(state, 1000);
  await state.remove();
}

function saying(site: string, unknown: boolean, dataStays: boolean): string {
  if (unknown) return `${site}: nothing serves it here, and nothing is left of it`;
  return `${site} is down${dataStays ? "; its data stays (--volumes removes it)" : ""}`;
}

/** Without a record nobody knows whether there were containers: a missing engine is then no failure. */
async function removeLeft(state: SiteState, volumes: boolean, unsure: boolean, terminal: Terminal): Promise<void> {
  try {
    const engine = createEngine(state, terminal.logger);
    try {
      await engine.open();
      await engine.remove({ volumes });
    } finally {
      await engine.close();
    }
  } catch (error) {
    if (!unsure || !(error instanceof BandstandError) || error.fault !== "environment") throw error;
  }
}
