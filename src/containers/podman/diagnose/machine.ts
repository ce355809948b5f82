import { execFile } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { userInfo } from "node:os";
import { messageOf } from "../../../foundation/errors/index.ts";
import { withScratch } from "../../../foundation/files/index.ts";
import { loggerTo } from "../../../foundation/log/index.ts";
import { onPath } from "../conf.ts";
import { connectPodman } from "../service.ts";

/** How a program ended: `code` is undefined where it could not be started, `stderr` says why then. */
export interface Ended {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** What the diagnosis asks of the machine that it runs on; it changes nothing. */
export interface PodmanMachine {
  user: { id: number; name: string };
  environment: Record<string, string | undefined>;
  run(program: string, args: string[]): Promise<Ended>;
  hasProgram(program: string): boolean;
  /** Text of a file; undefined where it cannot be read. */
  text(path: string): string | undefined;
  canWrite(folder: string): boolean;
  /** Bytes that are left where a folder is; undefined where nobody knows. */
  free(folder: string): Promise<number | undefined>;
  /** Reaches a Podman as an engine would, or starts one, and lets go of it. What went wrong, else its version. */
  reach(): Promise<{ version: string } | { error: string }>;
}

/** Milliseconds that a program gets to say what it has to say. */
const patience = 30_000;

export function thisMachine(environment: Record<string, string | undefined> = process.env): PodmanMachine {
  return {
    user: { id: process.getuid?.() ?? 0, name: userInfo().username },
    environment,
    run: (program, args) =>
      new Promise((resolve) => {
        execFile(program, args, { timeout: patience, env: environment }, (error, stdout, stderr) => {
          const started = error === null || typeof error.code === "number" || error.killed === true;
          if (!started) return resolve({ code: undefined, stdout, stderr: String(error.code ?? error.message) });
          resolve({ code: error === null ? 0 : Number(error.code ?? 124), stdout, stderr });
        });
      }),
    hasProgram: (program) => onPath(program, environment),
    text(path) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    canWrite(folder) {
      try {
        accessSync(folder, constants.W_OK);
        return true;
      } catch {
        return false;
      }
    },
    async free(folder) {
      const found = await statfs(folder).catch(() => undefined);
      return found && found.bavail * found.bsize;
    },
    reach: () => reach(environment),
  };
}

async function reach(environment: Record<string, string | undefined>): ReturnType<PodmanMachine["reach"]> {
  const logger = loggerTo(() => {});
  return withScratch("doctor", async (folder) => {
    const { client, close } = await connectPodman({ site: "doctor", stateDirectory: folder, logger, environment });
    try {
      const { Version } = (await client.get("version")) as { Version?: string };
      return { version: Version ?? "unknown" };
    } finally {
      await close();
    }
  }).catch((error: unknown) => ({ error: messageOf(error) }));
}
