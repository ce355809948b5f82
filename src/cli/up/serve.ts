import type { AccessLogMode } from "../../gateway/index.ts";
import { createGateway } from "../../gateway/index.ts";
import type { LoadedSite } from "../../gitops/site.ts";
import type { FolderChange, Snapshot } from "../../gitops/source/index.ts";
import { watchFolder } from "../../gitops/source/index.ts";
import { siteCallbacks } from "../../node/admin/index.ts";
import type { LogBuffer } from "../../node/logs/index.ts";
import { RunningSite } from "../../node/site/index.ts";
import type { SiteState } from "../../node/state/index.ts";
import type { UpCall } from "../commands/up.ts";
import type { ExitCode } from "../program/command.ts";
import { inBackground, tellReady } from "../terminal/background.ts";
import { Progress } from "../terminal/progress.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { createEngine } from "../wiring/drivers.ts";
import type { SiteFolder } from "./folder.ts";
import { notServed, type Loader } from "./loader.ts";
import { asProblems, isOfComponents, placed } from "./placed.ts";
import type { Presence } from "./presence.ts";
import { Reloads } from "./reloads.ts";
import type { StopWish } from "./signals.ts";
import { summary } from "./summary.ts";

/** Milliseconds that requests in flight get when the site stops. */
const drain = 3000;

export interface Serving {
  call: UpCall;
  folder: SiteFolder;
  state: SiteState;
  presence: Presence;
  loader: Loader;
  /** What the folder was like before it was read. */
  since: Snapshot;
  loaded: LoadedSite;
  stop: StopWish;
  logs: LogBuffer;
  terminal: Terminal;
}

/** Everything of one `up`, in the order in which it starts; ends in the opposite one. The caller holds the lock. */
export async function serve(serving: Serving): Promise<ExitCode> {
  const { call, folder, state, presence, loader, since, loaded, stop, logs, terminal } = serving;
  const { logger } = terminal;
  const detached = inBackground(terminal);
  await remember(serving, loaded);
  await using ends = new AsyncDisposableStack();

  let progress: Progress | undefined;
  const gateway = createGateway({
    onLoaded(...step) {
      progress ??= new Progress(terminal, "starting components", stop.signal);
      progress.step(...step);
      const [, done, of] = step;
      if (done < of) return;
      progress.end();
      progress = undefined;
    },
    preparedFolder: state.at("prepared"),
    keyValueFile: state.at("keyValue"),
    sessionKey: await state.sessionKey(),
    accessLog: (call.flags["access-log"] ?? "off") as AccessLogMode,
    logger,
  });
  const allowed = call.flags["allow-privileged"];
  const site = new RunningSite({ gateway, createEngine: () => createEngine(state, logger, allowed), logger });
  const reloads = new Reloads(site, loader, loaded, terminal, (next) => remember(serving, next));

  // Before the start, so that `status` and `down` reach a site that takes long to start.
  presence.callbacks.become(
    siteCallbacks(site, logs, {
      reload: () => reloads.reload(),
      stop: (request) => stop.wish(request),
    }),
  );

  // Watching starts before as well: no edit since the folder was read is missed.
  const missed: FolderChange[] = [];
  let tell = (change: FolderChange): void => void missed.push(change);
  if (!call.flags["no-watch"]) {
    const watch = await watchFolder(folder.path, (change) => tell(change), {
      sources: loaded.sources,
      since,
    });
    ends.defer(() => watch.close());
    reloads.follow(watch);
  }

  const started = site.start(loaded);
  started.catch(() => {});
  const first = await Promise.race([started.then(() => "started" as const), stop.wished]).catch(
    async (error: unknown) => {
      await site.stop({ drain: 0, containers: "remove" });
      await forget(serving, false);
      if (!isOfComponents(error)) throw placed(error, loaded.locate);
      const failed = { ...loaded, problems: asProblems(error, loaded.locate) };
      await loader.show(failed);
      throw notServed(failed, terminal.cwd, "Correct what stands above.");
    },
  );
  if (first === "started") {
    const status = site.status();
    const text = summary(status, loaded.plan.gateway, { folder: folder.path, cwd: terminal.cwd, detached });
    terminal.out(text);
    tellReady(terminal);
    tell = (change) => reloads.changed(change);
    for (const change of missed) reloads.changed(change);
  }

  const request = await stop.wished;
  tell = () => {};
  logger.info("stopping", { containers: request.containers });
  const stopped = (async () => {
    await reloads.stop();
    await site.stop({ drain, ...request });
    if (request.containers === "remove") await forget(serving, request.volumes);
  })();
  const end = await Promise.race([stopped.then(() => "stopped" as const), stop.urgent]);
  if (end === "stopped") return 0;
  logger.warn("stopped at once; containers may be left: bandstand down removes them");
  stopped.catch(() => {});
  await site.abandon();
  return 1;
}

/** Before anything is started, so that what a killed process leaves is known. */
async function remember({ state, folder, loader }: Serving, { plan }: LoadedSite): Promise<void> {
  const before = await state.record();
  const same = before?.folder === folder.path ? before : undefined;
  const { pods, volumes } = plan.containers;
  const record = {
    folder: folder.path,
    containers: pods.length > 0 || (before?.containers ?? false),
    volumes: (pods.length > 0 && volumes.length > 0) || (before?.volumes ?? false),
    builds: loader.mayBuild ?? same?.builds ?? false,
  };
  if (JSON.stringify(record) !== JSON.stringify(before)) await state.writeRecord(record);
}

async function forget({ state }: Serving, volumes: boolean): Promise<void> {
  const record = await state.record();
  if (record === undefined) return;
  await state.writeRecord({ ...record, containers: false, volumes: volumes ? false : record.volumes });
}
