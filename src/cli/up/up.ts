import { loggerTo } from "../../foundation/log/index.ts";
import { takeSnapshot } from "../../gitops/source/index.ts";
import { SiteState } from "../../node/state/index.ts";
import type { UpCall } from "../commands/up.ts";
import type { ExitCode } from "../program/command.ts";
import { inBackground } from "../terminal/background.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { claim, takeOver } from "./claim.ts";
import { detach } from "./detach.ts";
import { siteFolder } from "./folder.ts";
import { Loader, throwIfInvalid } from "./loader.ts";
import { Presence } from "./presence.ts";
import { serve } from "./serve.ts";
import { StopWish } from "./signals.ts";
import { LogBuffer } from "../../node/logs/index.ts";

/** Serves a folder until somebody stops it. */
export async function up(call: UpCall, terminal: Terminal): Promise<ExitCode> {
  if (call.flags.detach && !inBackground(terminal)) return detach(call, terminal);
  const folder = await siteFolder(call.positionals[0] ?? ".", terminal.cwd);
  const state = await SiteState.open(folder.site, terminal.environment);
  const logs = new LogBuffer();
  const own: Terminal = { ...terminal, logger: teed(terminal, logs) };
  const stop = new StopWish();
  try {
    const claimed = await claim(state, folder.path);
    await using ends = new AsyncDisposableStack();
    const presence = new Presence(state, call.flags, stop, own);
    ends.defer(() => presence.close());
    if (claimed === "claimed") await presence.open();
    const loader = new Loader(folder, state, call.flags, own);
    // Building may take minutes: an edit meanwhile is told once the folder is watched.
    const since = await takeSnapshot(folder.path);
    const loaded = await loader.load(stop.signal);
    throwIfInvalid(loaded, terminal.cwd);
    if (stop.signal.aborted) return 0;
    if (claimed === "takeover") {
      own.logger.info("taking over from the process in the background");
      await takeOver(state);
      await presence.open();
    }
    return await serve({ call, folder, state, presence, loader, since, loaded, stop, logs, terminal: own });
  } catch (error) {
    if (stop.signal.aborted) return 0;
    throw error;
  } finally {
    stop.close();
    state.unlock();
  }
}

/** Lines of components are kept for `logs` too. */
function teed(terminal: Terminal, logs: LogBuffer): Terminal["logger"] {
  return loggerTo(
    (line) => {
      logs.add(line);
      terminal.logger.log(line.level, line.message, line.fields);
    },
    { minimum: "debug" },
  );
}
