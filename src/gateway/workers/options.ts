import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import type { Logger } from "../../foundation/log/index.ts";
import type { AccessLogMode } from "../access-log/access-log.ts";
import type { Gateway } from "../gateway.ts";
import { sharesPorts } from "../listener/shares-ports.ts";
import { newTableMemory } from "../rate-limit/table.ts";
import { WorkerPool } from "./pool.ts";

export interface GatewayOptions {
  /** Worker threads. */
  workers: number;
  /** Sockets of several threads may share a port. */
  sharesPorts: boolean;
  logger: Logger;
  /** Takes access log lines in UTF-8, each with its line end. They are lent until it calls `done`. */
  writeAccess: (lines: Uint8Array, done: () => void) => void;
  /** Milliseconds between two heartbeats. */
  heartbeat: number;
  /** Told of each component that all workers have loaded for a new plan: how many they have, of how many. */
  onLoaded?: ((component: string, done: number, of: number) => void) | undefined;
}

/** What `createGateway` is given; all but the prepared folder and the logger have defaults. */
export interface CreateGatewayOptions {
  /** Folder of the prepared store. */
  preparedFolder: string;
  /** File of the key-value stores of the site's components; default: there are none. */
  keyValueFile?: string;
  logger: Logger;
  /** Default: one a core; 1 where threads cannot share a port. */
  workers?: number;
  /** Sockets of several threads may share a port. Default: what this system can. */
  sharesPorts?: boolean;
  /** Default: off. */
  accessLog?: AccessLogMode;
  /** Default: stderr. */
  writeAccess?: (lines: Uint8Array, done: () => void) => void;
  /** 32 secret bytes for session tokens; default: new ones, so that sessions end with the process. */
  sessionKey?: Uint8Array;
  /** URL of a module with `componentSource`; default: the prepared store and V8. */
  componentModule?: string;
  /** Threads start now and load what components take, while their plan is made; default: with the first `apply`. */
  early?: boolean;
  /** Milliseconds; a thread that misses eight heartbeats is replaced. Default: 1000. */
  heartbeat?: number;
  /** Told of each component that all workers have loaded for a new plan: how many they have, of how many. Default: nobody. */
  onLoaded?: (component: string, done: number, of: number) => void;
  /** Workers send debug lines too. */
  debug?: boolean;
}

/** A gateway without a plan: nothing is served before the first `apply`. */
export function createGateway(options: CreateGatewayOptions): Gateway {
  const file = import.meta.url.endsWith(".ts") ? "./components.ts" : "./components.js";
  const shared = options.sharesPorts ?? sharesPorts;
  const workers = shared ? (options.workers ?? availableParallelism()) : 1;
  const pool = new WorkerPool(
    {
      workers,
      sharesPorts: shared,
      logger: options.logger,
      heartbeat: options.heartbeat ?? 1000,
      onLoaded: options.onLoaded,
      writeAccess: options.writeAccess ?? ((lines, done) => void process.stderr.write(lines, done)),
    },
    {
      preparedFolder: options.preparedFolder,
      keyValueFile: options.keyValueFile,
      accessLog: options.accessLog ?? "off",
      sessionKey: options.sessionKey ?? randomBytes(32),
      rates: newTableMemory(),
      workers,
      componentModule: options.componentModule ?? new URL(file, import.meta.url).href,
      loadsAhead: options.early ?? false,
      debug: options.debug ?? false,
    },
  );
  if (options.early) pool.start();
  return pool;
}
