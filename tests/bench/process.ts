import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Cores: the server under test on one, load and backend on the other. */
export const serverCore = "0";
export const loadCore = "1";

/** A server under test: what it costs is read from `/proc` over its whole process tree. */
export interface Server {
  origin: string;
  pid: number;
  stop(): Promise<void>;
}

/** Starts a command pinned to a core and waits until its port answers. */
export async function startServer(
  command: string,
  args: string[],
  port: number,
  options: { core?: string; env?: NodeJS.ProcessEnv; cwd?: string; seconds?: number } = {},
): Promise<Server> {
  const child = spawn("taskset", ["-c", options.core ?? serverCore, command, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
  });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output += data.toString()));
  const deadline = Date.now() + (options.seconds ?? 120) * 1000;
  while (!(await answers(port))) {
    if (child.exitCode !== null)
      throw new Error(`${command} ended with ${child.exitCode} before it listened:\n${output}`);
    if (Date.now() > deadline) throw new Error(`${command} did not listen on ${port} in time:\n${output}`);
    await sleep(50);
  }
  return { origin: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => stop(child) };
}

/** Acts while a server runs. */
export async function during<T>(server: Server, act: (server: Server) => Promise<T>): Promise<T> {
  try {
    return await act(server);
  } finally {
    await server.stop();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), 8000);
  await ended;
  clearTimeout(killer);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

/** CPU seconds used so far, the resident set now and the highest, over a process and its descendants. */
export async function usage(pid: number): Promise<{ cpuSeconds: number; residentBytes: number; memoryBytes: number }> {
  let cpuSeconds = 0;
  let residentBytes = 0;
  let memoryBytes = 0;
  for (const member of await tree(pid)) {
    try {
      const stat = await readFile(`/proc/${member}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      // Fields 14 and 15 of proc(5), in clock ticks of 10 ms.
      cpuSeconds += (Number(fields[11]) + Number(fields[12])) / 100;
      const status = await readFile(`/proc/${member}/status`, "utf8");
      residentBytes += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
      memoryBytes += Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    } catch {
      // It ended between listing and reading.
    }
  }
  return { cpuSeconds, residentBytes, memoryBytes };
}

/**
 * What the whole machine did since it began, in seconds of a core: worked, and was kept from working by who runs this virtual machine
 * (steal). Fields of proc(5), in clock ticks of 10 ms.
 */
export async function machine(): Promise<{ busy: number; stolen: number }> {
  const line = /^cpu +(.*)$/m.exec(await readFile("/proc/stat", "utf8"))?.[1] ?? "";
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(" ").map(Number);
  return { busy: (user + nice + system + irq + softirq) / 100, stolen: steal / 100 };
}

/** CPU time that the threads of one process used so far, in milliseconds: as the scheduler counts it, to the nanosecond. */
export async function threadsCpu(pid: number): Promise<number> {
  let nanoseconds = 0;
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => "0");
    nanoseconds += Number(text.split(" ", 1)[0]);
  }
  return nanoseconds / 1e6;
}

async function tree(root: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = await readFile(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Ended meanwhile.
    }
  }
  const all: number[] = [];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    all.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return all;
}

/** True where a program is on the path; benches say when a peer is missing. */
export async function onPath(program: string): Promise<boolean> {
  const child = spawn("sh", ["-c", `command -v "$0" >/dev/null`, program], { stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number];
  return code === 0;
}
