import { once } from "node:events";
import { Agent } from "node:http";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { ask } from "./ask.ts";

/** What one request of the neighbour got. */
export interface Reply {
  status: number;
  milliseconds: number;
}

/** Sends requests to a guest that harms nobody, one after the other, and notes how long each takes. */
export interface Neighbour {
  begin(): void;
  end(): Promise<Reply[]>;
  close(): Promise<void>;
}

/**
 * A neighbour on a thread of its own. On the thread of the client that provokes the guests it would also measure
 * how long that client takes to read what they answer.
 */
export async function startNeighbour(port: number, path: string): Promise<Neighbour> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { port, path } });
  await once(worker, "message");
  return {
    begin: () => worker.postMessage("begin"),
    async end() {
      const replies = once(worker, "message") as Promise<[Reply[]]>;
      worker.postMessage("end");
      return (await replies)[0];
    },
    close: async () => void (await worker.terminate()),
  };
}

if (!isMainThread && parentPort !== null && typeof (workerData as { path?: string } | null)?.path === "string") {
  listen(parentPort, workerData as { port: number; path: string });
}

function listen(commands: NonNullable<typeof parentPort>, { port, path }: { port: number; path: string }): void {
  let running = false;
  const round = async (): Promise<Reply[]> => {
    const agent = new Agent({ keepAlive: true });
    const replies: Reply[] = [];
    do {
      const { status, milliseconds } = await ask(port, path, { agent });
      replies.push({ status, milliseconds });
    } while (running);
    agent.destroy();
    return replies;
  };
  let replies: Promise<Reply[]>;
  commands.on("message", (command: "begin" | "end") => {
    running = command === "begin";
    if (running) replies = round();
    else void replies.then((all) => commands.postMessage(all));
  });
  commands.postMessage("ready");
}
