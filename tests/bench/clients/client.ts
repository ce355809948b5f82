import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { loadCore } from "../process.ts";

/** What the clients see; of `body` the requests are bytes. */
export interface Seen {
  requests: number;
  failed: number;
  seconds: number;
}

/** Runs one of the clients on the load's core. @param onLine is told of every line but the last. */
export async function client<T = Seen>(name: string, options: object, onLine?: () => Promise<void>): Promise<T> {
  const args = ["-c", loadCore, process.execPath, join(import.meta.dirname, "run.ts"), name, JSON.stringify(options)];
  const child = spawn("taskset", args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  let told: Promise<void> | undefined;
  child.stdout.setEncoding("utf8").on("data", (data: string) => {
    text += data;
    if (text.includes("\n")) told ??= onLine?.();
  });
  const [code] = (await once(child, "close")) as [number];
  await told;
  if (code !== 0) throw new Error(`the client ${name} ended with ${code}`);
  return JSON.parse(text.trim().split("\n").at(-1) ?? "") as T;
}
