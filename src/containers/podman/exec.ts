import { readFile } from "node:fs/promises";
import type { ExecResult } from "../reconcile/driver.ts";
import type { PodmanClient } from "./client.ts";
import { framesOf } from "./frames.ts";

/** Bytes of output that are kept. */
const keep = 4096;

/** Runs a command in a container. One that does not end in time is killed; its code is undefined. */
export async function exec(
  client: PodmanClient,
  container: string,
  command: readonly string[],
  timeout: number,
): Promise<ExecResult> {
  const { value } = await client.post(`containers/${container}/exec`, {
    Cmd: command,
    AttachStdout: true,
    AttachStderr: true,
  });
  const id = (value as { Id: string }).Id;
  const signal = AbortSignal.timeout(timeout);
  const output: string[] = [];
  let size = 0;
  try {
    const { status, stream } = await client.stream("POST", `exec/${id}/start`, {
      json: { Detach: false, Tty: false },
      signal,
    });
    if (status >= 400) {
      for await (const chunk of stream) output.push(String(chunk));
      return { code: 126, output: output.join("") };
    }
    for await (const { data } of framesOf(stream)) {
      if (size < keep) output.push(data.subarray(0, keep - size).toString("utf8"));
      size += data.length;
    }
  } catch (error) {
    if (signal.aborted) {
      await killExec(client, id).catch(() => {});
      return { code: undefined, output: output.join("") };
    }
    throw error;
  }
  const { ExitCode } = (await client.get(`exec/${id}/json`)) as { ExitCode: number };
  return { code: ExitCode, output: output.join("") };
}

/** Podman has no call for it; its process is one of this machine. What it started in turn ends with the container. */
async function killExec(client: PodmanClient, id: string): Promise<void> {
  const { Running, Pid, ContainerID } = (await client.get(`exec/${id}/json`)) as ExecState;
  if (!Running || Pid <= 1) return;
  // Never somebody else who got the number since.
  const cgroup = await readFile(`/proc/${Pid}/cgroup`, "utf8");
  if (cgroup.includes(ContainerID)) process.kill(Pid, "SIGKILL");
}

interface ExecState {
  Running: boolean;
  Pid: number;
  ContainerID: string;
}
