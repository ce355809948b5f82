import { parentPort, workerData } from "node:worker_threads";
import type { ComponentSource } from "../configuration/components.ts";
import type { FromWorker, ToWorker, WorkerSettings } from "./protocol.ts";
import { GatewayThread } from "./thread.ts";

/** Entry of a worker thread: runs as TypeScript in the repository and as JavaScript in the package. */
const settings = workerData as WorkerSettings;
const port = parentPort;
if (port === null) throw new Error("this file is the entry of a worker thread");

/** The runtime is loaded with the first component: a site without components starts without it. */
let module: Promise<ComponentModule> | undefined;
let source: Promise<ComponentSource> | undefined;
const lazySource: ComponentSource = {
  async load(plan, host) {
    source ??= loadModule().then(({ componentSource }) => componentSource(settings));
    return (await source).load(plan, host);
  },
};

function loadModule(): Promise<ComponentModule> {
  return (module ??= import(settings.componentModule));
}

interface ComponentModule {
  componentSource(settings: WorkerSettings): Promise<ComponentSource>;
}

const thread = new GatewayThread(settings, lazySource, (message: FromWorker) => port.postMessage(message));
// What it fails of is told with the first component.
if (settings.loadsAhead) loadModule().catch(() => {});
port.on("message", (message: ToWorker) => void thread.receive(message));
