import { Agent, get } from "node:http";

/** What a neighbour of endless loops saw. Milliseconds. */
export interface Neighbour {
  requests: number;
  p50: number;
  p99: number;
}

/** Starts guests that never end, and asks their neighbour, one request after the other, until all were ended. */
export async function neighbour(options: { port: number; loops: number }): Promise<Neighbour> {
  const { port, loops } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: loops + 1 });
  const ask = (path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      get({ port, host: "127.0.0.1", path, agent }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode ?? 0));
      }).once("error", reject);
    });
  for (let i = 0; i < 2000; i++) await ask("/");
  let over = false;
  const all = Promise.all(Array.from({ length: loops }, () => ask("/loop"))).finally(() => (over = true));
  const times: number[] = [];
  while (!over) {
    const from = performance.now();
    if ((await ask("/")) !== 200) throw new Error("the neighbour was not served");
    times.push(performance.now() - from);
  }
  const statuses = await all;
  if (statuses.some((status) => status !== 504)) throw new Error(`loops were answered ${statuses.join(" ")}`);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return { requests: sorted.length, p50: at(0.5), p99: at(0.99) };
}
