import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { BandstandError } from "../../foundation/errors/index.ts";
import { SiteState } from "../../node/state/index.ts";
import type { UpCall } from "../commands/up.ts";
import type { ExitCode } from "../program/command.ts";
import type { Told } from "../terminal/background.ts";
import { backgroundMark } from "../terminal/background.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { siteFolder } from "./folder.ts";

/** Starts the same command in a session of its own, and waits until the site is ready or has failed. */
export async function detach(call: UpCall, terminal: Terminal): Promise<ExitCode> {
  const folder = await siteFolder(call.positionals[0] ?? ".", terminal.cwd);
  const state = await SiteState.open(folder.site, terminal.environment);
  const output = openSync(state.at("output"), "a", 0o600);
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    cwd: terminal.cwd,
    env: { ...process.env, [backgroundMark]: "1" },
    stdio: ["ignore", output, output, "ipc"],
  });
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new BandstandError("environment", `cannot start a process: ${cause.message}`, { cause })),
    );
    child.on("message", (told: Told) => {
      if ("out" in told) terminal.out(told.out);
      else if ("err" in told) terminal.err(told.err);
      else if ("status" in told) terminal.status?.(told.status);
      else {
        child.disconnect();
        child.unref();
        resolve(0);
      }
    });
    child.once("exit", (code) => {
      const end = (): void => resolve(code === 0 || code === 2 || code === 3 ? code : 1);
      // What it said last may still be on its way.
      if (child.connected) child.once("disconnect", end);
      else end();
    });
  });
}
