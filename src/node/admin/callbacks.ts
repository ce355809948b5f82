import { BandstandError } from "../../foundation/errors/index.ts";
import type { AdminCallbacks } from "../../gateway/admin/index.ts";
import type { LogBuffer } from "../logs/index.ts";
import type { RunningSite } from "../site/index.ts";
import type { ShownLine } from "./log-lines.ts";
import { shownLines } from "./log-lines.ts";

/** How a site is to stop. */
export interface StopRequest {
  containers: "remove" | "keep";
  volumes: boolean;
}

/** What the admin socket of one site answers. */
export function siteCallbacks(
  site: RunningSite,
  componentLogs: LogBuffer,
  act: { reload(): Promise<unknown>; stop(request: StopRequest): void },
): AdminCallbacks {
  return {
    ready: () => {
      const { listeners } = site.plan() === undefined ? { listeners: [] } : site.status();
      return listeners.length > 0 && listeners.every(({ ready }) => ready);
    },
    metrics: () => site.metrics(),
    config: () => site.plan() ?? {},
    status: () => site.status(),
    logs: (query, signal) => asText(shownLines(site, componentLogs, query, signal)),
    reload: act.reload,
    stop: (query) => act.stop(stopRequest(query)),
  };
}

async function* asText(lines: AsyncIterable<ShownLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

/** Refuses words that it does not know: what is misread here removes data. */
export function stopRequest(query: URLSearchParams): StopRequest {
  const [containers, volumes] = [query.get("containers") ?? "remove", query.get("volumes") ?? "false"];
  if ((containers !== "remove" && containers !== "keep") || (volumes !== "true" && volumes !== "false")) {
    throw new BandstandError("usage", "stop: expected containers=remove|keep and volumes=true|false");
  }
  return { containers, volumes: volumes === "true" };
}
