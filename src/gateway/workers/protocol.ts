import type { Failure } from "../../foundation/errors/index.ts";
import type { LogLine } from "../../foundation/log/index.ts";
import type { MetricSnapshot } from "../../foundation/metrics/index.ts";
import type { EndpointTable, GatewayPlan, SecretValues } from "../../model/plan/index.ts";
import type { AccessLogMode } from "../access-log/access-log.ts";
import type { Loaded } from "../configuration/components.ts";

/** What a worker is started with. */
export interface WorkerSettings {
  id: number;
  /** Folder of the prepared store. */
  preparedFolder: string;
  /** File of the key-value stores; without, there are none. */
  keyValueFile: string | undefined;
  accessLog: AccessLogMode;
  sessionKey: Uint8Array;
  /** Seals tickets of TLS sessions until others are sent: 48 bytes, the same in all threads. */
  ticketKeys: Uint8Array;
  /** Counts of rate limits, common to all threads: `newTableMemory`. */
  rates: SharedArrayBuffer;
  /** Threads in all: what is limited by backend is shared out evenly among them. */
  workers: number;
  /** URL of the module whose `componentSource` loads components; tests give one of their own. */
  componentModule: string;
  /** It is loaded when the thread starts, not with the first component. */
  loadsAhead: boolean;
  debug: boolean;
}

/**
 * What the main thread asks of a worker, and what each answers. One configuration is `built` beside the
 * one that serves; `open` binds the ports that only it has, `activate` makes it the one that serves.
 */
export interface Calls {
  build: { parameters: { plan: GatewayPlan; secrets: SecretValues }; result: void };
  open: { parameters: void; result: void };
  activate: { parameters: void; result: void };
  /** Forgets what was built, and closes what `open` bound. */
  discard: { parameters: void; result: void };
  metrics: { parameters: void; result: MetricSnapshot[] };
  drain: { parameters: { milliseconds: number }; result: void };
  /** Answered by the event loop: proves that it turns. */
  ping: { parameters: void; result: void };
}

export type CallName = keyof Calls;

export type ToWorker =
  | { [N in CallName]: { type: "call"; id: number; name: N; parameters: Calls[N]["parameters"] } }[CallName]
  | { type: "endpoints"; table: EndpointTable }
  | { type: "ticketKeys"; keys: Uint8Array };

export type FromWorker =
  | { type: "result"; id: number; result: unknown }
  | { type: "failure"; id: number; failure: Failure }
  | { type: "log"; line: LogLine }
  | { type: "access"; lines: Uint8Array }
  | ({ type: "loaded" } & Loaded);
