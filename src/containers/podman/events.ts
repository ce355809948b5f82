import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../foundation/log/index.ts";
import type { PodmanClient } from "./client.ts";
import { labels } from "./labels.ts";

/** What changes something without us. The end of an exec is no such thing. */
const telling = new Set(["died", "remove", "start", "stop", "kill", "oom", "pause", "unpause"]);

/**
 * Calls for every event of the site's containers until the signal aborts. A stream that breaks is opened again, and then
 * it is called once, since events were missed. Open streams also keep a service of ours from ending by itself.
 */
export async function watchEvents(
  client: PodmanClient,
  site: string,
  { changed, logger, signal }: { changed: () => void; logger: Logger; signal: AbortSignal },
): Promise<void> {
  const filters = JSON.stringify({ type: ["container"], label: [`${labels.site}=${site}`] });
  for (let pause = 100; !signal.aborted; pause = Math.min(pause * 2, 5000)) {
    try {
      const { stream } = await client.stream("GET", "events", { query: { stream: true, filters }, signal, timeout: 0 });
      changed();
      if (await follow(stream, changed)) pause = 100;
    } catch (error) {
      if (signal.aborted) return;
      logger.debug("events broke off", { error: String(error) });
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}

/** Returns whether anything was heard. */
async function follow(stream: Readable, changed: () => void): Promise<boolean> {
  let rest = "";
  let heard = false;
  for await (const chunk of stream) {
    heard = true;
    const lines = (rest + String(chunk)).split("\n");
    rest = (lines.pop() ?? "").slice(-1_000_000);
    if (lines.some(tells)) changed();
  }
  return heard;
}

function tells(line: string): boolean {
  try {
    const { Action, status } = JSON.parse(line) as { Action?: string; status?: string };
    return telling.has(Action ?? status ?? "");
  } catch {
    return false;
  }
}
