import type { ExecResult } from "../reconcile/driver.ts";
import type { PodmanClient } from "./client.ts";
import { framesOf } from "./frames.ts";

/** Bytes of output that are kept. */
const keep = 4096;

/** Runs a command in a container. One that does not end in time is left behind; its code is undefined. */
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
    if (signal.aborted) return { code: undefined, output: output.join("") };
    throw error;
  }
  const { ExitCode } = (await client.get(`exec/${id}/json`)) as { ExitCode: number };
  return { code: ExitCode, output: output.join("") };
}
