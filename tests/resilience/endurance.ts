import { readdirSync } from "node:fs";
import { Agent, request } from "node:http";
import { startGuests, type GuestChoice } from "./harness.ts";

export interface EnduranceReport {
  seconds: number;
  /** Requests that got anything but 200 and a whole answer. */
  failed: number;
  /** Resident memory (MiB) without the heap of the clients' thread, and open files of all, along the way. */
  memory: number[];
  files: number[];
}

const guests: Record<string, GuestChoice> = {
  fresh: { folder: "guests/hello-c" },
  reused: { folder: "guests/hello-c", isolation: "reuse" },
  headers: { folder: "guests/headers-c" },
  "assemblyscript-fresh": { folder: "guests/hello-assemblyscript" },
  "assemblyscript-reused": { folder: "guests/hello-assemblyscript-reused", isolation: "reuse" },
  echo: { folder: "guests/echo" },
};

/** Requests to guests with a fresh state each and to reused ones, in turn, over kept connections. */
export async function endurance(requests: number, clients = 16): Promise<EnduranceReport> {
  const site = await startGuests(guests);
  const names = Object.keys(guests);
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const report: EnduranceReport = { seconds: 0, failed: 0, memory: [], files: [] };
  const began = performance.now();
  let sent = 0;
  const client = async (): Promise<void> => {
    while (sent < requests) {
      const turn = sent++;
      if (!(await answers(site.port, `/${names[turn % names.length]}/${turn}`, agent))) report.failed++;
      if (turn % Math.ceil(requests / 20) === 0) {
        report.memory.push(residentBesides());
        report.files.push(readdirSync("/proc/self/fd").length);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
  } finally {
    agent.destroy();
    await site.close();
  }
  report.seconds = (performance.now() - began) / 1000;
  return report;
}

/** What V8's heap of this thread holds goes up and down by 60 MiB with what clients throw away, and is none of the gateway's. MiB. */
function residentBesides(): number {
  const { rss, heapTotal } = process.memoryUsage();
  return (rss - heapTotal) / 2 ** 20;
}

/**
 * How much more memory the last quarter of a run took than the second one, in MiB: the first quarter is warming up. A leak
 * grows from quarter to quarter; what a garbage collector holds goes up and down, hence the least of each.
 */
export function growth(figures: readonly number[]): number {
  const quarter = (number: number): number => {
    const part = figures.slice((figures.length * number) / 4, (figures.length * (number + 1)) / 4);
    return Math.min(...part);
  };
  return quarter(3) - quarter(1);
}

function answers(port: number, path: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const sending = request({ host: "127.0.0.1", port, path, agent }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.complete && response.statusCode === 200));
      response.on("error", () => resolve(false));
    });
    sending.on("error", () => resolve(false)).end();
  });
}
