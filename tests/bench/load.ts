import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { loadCore } from "./process.ts";

/** What one run of `wrk` saw. Milliseconds. */
export interface Load {
  requests: number;
  seconds: number;
  perSecond: number;
  p50: number;
  p99: number;
  failed: number;
  /** CPU time of the load itself. */
  cpuSeconds: number;
}

/** Loads an URL with `wrk` from the other core, with one thread. */
export async function load(
  url: string,
  seconds: number,
  { headers = [], script, connections = 32 }: { headers?: string[]; script?: string; connections?: number } = {},
): Promise<Load> {
  const args = ["-c", loadCore, "wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency"];
  if (script !== undefined) args.push("-s", join(import.meta.dirname, "clients", script));
  for (const header of headers) args.push("-H", header);
  // The shell says what its children used.
  const child = spawn("sh", ["-c", '"$@" && times', "sh", "taskset", ...args, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (data: Buffer) => (text += data.toString()));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`wrk ended with ${code}`);
  return parse(text);
}

function parse(text: string): Load {
  const total = /(\d+) requests in ([\d.]+)(ms|s|m)/.exec(text);
  const requests = Number(total?.[1] ?? 0);
  const seconds = Number(total?.[2] ?? 1) * (total?.[3] === "ms" ? 0.001 : total?.[3] === "m" ? 60 : 1);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  const wrong = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  return {
    requests,
    seconds,
    perSecond: requests / seconds,
    p50: milliseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(text)),
    p99: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(text)),
    cpuSeconds: childrenCpu(text),
    failed: wrong + errors.reduce((sum, count) => sum + Number(count), 0),
  };
}

function milliseconds(match: RegExpExecArray | null): number {
  const unit = { us: 0.001, ms: 1, s: 1000 }[match?.[2] ?? ""] ?? Number.NaN;
  return Number(match?.[1]) * unit;
}

/** The last line of the shell's `times`: user and system time of what it started. */
function childrenCpu(text: string): number {
  const [, minutes, seconds, more, rest] = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(text) ?? [];
  return 60 * (Number(minutes) + Number(more)) + Number(seconds) + Number(rest);
}
