import { spawn } from "node:child_process";
import { constants } from "node:os";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { longestTimer } from "../../../foundation/time/clock.ts";
import type { CommandEnd, CommandGrants } from "../../commands/command.ts";
import { DescriptorSink } from "../../commands/stdio.ts";
import { confined } from "./confined.ts";
import { cpuTime } from "./cpu-time.ts";
import { Output } from "./own-log.ts";
import type { WasmEdge } from "./program.ts";

/** Milliseconds of CPU that WasmEdge itself takes to start, which are not the guest's. */
const start = 50;
/** Milliseconds between two looks at the CPU time. */
const interval = 20;
/** Memory of the process beside that of the guest, in bytes. */
const overhead = 512 * 1024 * 1024;
const page = 65_536;
/** As a shell says that a signal ended a program; and that one in WasmEdge trapped, which it says as SIGABRT. */
const signalled = 128;
const trapped = 134;

/**
 * Runs a module once under WasmEdge, on the descriptors 0, 1 and 2 of this process.
 * @param file what `AheadStore` compiled.
 */
export async function runUnderWasmEdge(program: WasmEdge, file: string, grants: CommandGrants): Promise<CommandEnd> {
  const { cpu, wall, memory, terminals } = grants;
  const call = confined({ cpu: (cpu + start) / 1000 + 1, memory: memory + overhead }, program.command, [
    ...program.args,
    ...optionsOf(grants),
    "--",
    file,
    ...grants.args.slice(1),
  ]);
  const child = spawn(call.command, call.args, {
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    // A person who sits there sees the program's terminal as it is; what else reads gets only what the program says.
    stdio: ["inherit", terminals.stdout ? "inherit" : "pipe", "inherit"],
  });
  let failure: BandstandError | undefined;
  const stop = (reason: BandstandError): void => {
    failure ??= reason;
    child.kill("SIGKILL");
  };
  const sink = new DescriptorSink(1);
  const output = new Output((bytes) => sink.write(bytes));
  child.stdout?.on("data", (piece: Buffer) => {
    output.push(piece);
    // Nobody reads: the program hears of it as it would without us.
    if (sink.room() === undefined) child.stdout?.destroy();
  });
  const timer =
    wall > longestTimer
      ? undefined
      : setTimeout(() => stop(new BandstandError("component-wall", `was not done after ${wall} ms`)), wall);
  const clock = setInterval(() => {
    const used = child.pid === undefined ? undefined : cpuTime(child.pid);
    if (used !== undefined && used > cpu + start)
      stop(new BandstandError("component-cpu", `used more than ${cpu} ms of CPU time`));
  }, interval);
  try {
    const { code, signal } = await ended(child);
    const said = output.end(code !== 0);
    if (said !== "") process.stderr.write(said);
    if (failure !== undefined) return { failure };
    if (signal === "SIGXCPU")
      return { failure: new BandstandError("component-cpu", `used more than ${cpu} ms of CPU time`) };
    if (code === trapped && said !== "")
      return { failure: new BandstandError("component-trapped", "trapped under WasmEdge") };
    return { code: code ?? signalled + (signal === null ? 0 : constants.signals[signal]) };
  } finally {
    clearTimeout(timer);
    clearInterval(clock);
  }
}

/** Throws `usage` for what WasmEdge has no option for. */
function optionsOf({ directories, environment, memory, network, authorities, config }: CommandGrants): string[] {
  const without =
    network.length > 0 ? "--net" : authorities.length > 0 ? "--ca" : config.size > 0 ? "--config" : undefined;
  if (without !== undefined) {
    throw new BandstandError("usage", `run: ${without} is nothing that WasmEdge can grant`, {
      remedy: "Leave it out, or take --runtime v8.",
    });
  }
  return [
    "--memory-page-limit",
    String(Math.floor(memory / page)),
    ...directories.flatMap(({ host, guest, readOnly }) => {
      if (host.includes(":")) {
        throw new BandstandError("usage", `run: WasmEdge takes no folder with a colon in its path: ${host}`, {
          remedy: "Give it another name, or take --runtime v8.",
        });
      }
      return ["--dir", `${guest}:${host}${readOnly ? ":readonly" : ""}`];
    }),
    ...environment.flatMap(([name, value]) => ["--env", `${name}=${value}`]),
  ];
}

function ended(child: ReturnType<typeof spawn>): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(
        new BandstandError("environment", `WasmEdge cannot be started: ${cause.message}`, {
          remedy: "bandstand doctor says what is missing.",
          cause,
        }),
      ),
    );
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}
