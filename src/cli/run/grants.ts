import { realpathSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import { whyUnreadable } from "../../foundation/files/unreadable.ts";
import { parseDuration, parseQuantity } from "../../model/value/index.ts";
import type { CommandGrants } from "../../wasm/commands/command.ts";
import type { RunCall } from "../commands/run.ts";
import { isTerminal } from "../terminal/is-terminal.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { storesOf } from "../keyvalue/flags.ts";
import { fetchFor } from "./fetch.ts";

const gibibyte = 1024 ** 3;
const page = 65_536;

/** What the flags of a call grant. Throws `usage` that says what was expected. */
export async function grantsOf({ flags, positionals }: RunCall, terminal: Terminal): Promise<CommandGrants> {
  return {
    ...(await networkOf(flags, terminal)),
    // Where it lies is nothing of the guest's.
    args: [basename(positionals[0] ?? ""), ...positionals.slice(1)],
    // What is named twice has its last value: a C library would find the first.
    environment: [...new Map((flags.env ?? []).flatMap((text) => variableOf(text, terminal.environment)))],
    directories: distinct((flags.dir ?? []).map((text) => directoryOf(text, terminal.cwd))),
    fetchFor,
    config: new Map((flags.config ?? []).map((text) => pairOf("--config", text))),
    keyValue: await openerFor(flags, terminal.cwd),
    memory: sizeOf(flags.memory),
    cpu: timeOf("--cpu", flags.cpu),
    wall: timeOf("--wall", flags.wall),
    terminals: {
      stdin: isTerminal(0),
      stdout: isTerminal(1),
      stderr: isTerminal(2),
    },
  };
}

/** Most commands are granted none of it, and need not load what reads it. */
async function networkOf(
  { net, ca }: RunCall["flags"],
  { cwd }: Terminal,
): Promise<Pick<CommandGrants, "network" | "authorities">> {
  if (net === undefined && ca === undefined) return { network: [], authorities: [] };
  const { authoritiesAt, netEntries } = await import("../network/flags.ts");
  return { network: netEntries("run", net), authorities: authoritiesAt("run", ca, cwd) };
}

/** In memory where no file keeps them. Most commands are granted none, and need not load what keeps them. */
async function openerFor(flags: RunCall["flags"], cwd: string): Promise<CommandGrants["keyValue"]> {
  const { names, file = ":memory:" } = storesOf("run", flags, cwd);
  if (names.length === 0) return () => "access-denied";
  const { grantedStores, SqliteStores } = await import("../../wasm/keyvalue/index.ts");
  const stores = new SqliteStores(file);
  // What was kept lies in that one file then.
  process.once("exit", () => stores.close());
  return grantedStores(stores, "default", names);
}

/** `HOST`, `HOST:GUEST`, `HOST:GUEST:ro`. Without a name of its own, a guest sees the path as it was written. */
function directoryOf(text: string, cwd: string): CommandGrants["directories"][number] {
  const parts = text.split(":");
  const readOnly = parts.length > 2 && parts.at(-1) === "ro";
  if (readOnly) parts.pop();
  const [path = "", guest = path, ...more] = parts;
  if (path === "" || guest === "" || more.length > 0) {
    throw usage(`--dir: expected HOST[:GUEST[:ro]], got "${text}"`, "For example --dir ./data:/data:ro");
  }
  const host = resolve(cwd, path);
  try {
    if (statSync(host).isDirectory()) return { host: realpathSync(host), guest, readOnly };
  } catch (cause) {
    throw usage(`--dir: ${path} ${whyUnreadable(cause)}`, "Name a directory that is there.");
  }
  throw usage(`--dir: ${path} is no directory`, "Grant the directory that holds it.");
}

/** Of two folders of one name a guest would see only one, and which one depends on its C library. */
function distinct(directories: CommandGrants["directories"]): CommandGrants["directories"] {
  const names = directories.map(({ guest }) => guest);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return directories;
  throw usage(`--dir: two folders are named ${twice}`, "Give each a name of its own, as in --dir ./data:/data");
}

/** `NAME=VALUE`, or `NAME` for what it is here; one that is not set here is not set there. */
function variableOf(text: string, environment: Terminal["environment"]): [string, string][] {
  if (text.includes("=")) return [pairOf("--env", text)];
  const value = environment[text];
  return value === undefined ? [] : [[text, value]];
}

function pairOf(flag: string, text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw usage(`${flag}: expected NAME=VALUE, got "${text}"`, `For example ${flag} GREETING=hello`);
}

function sizeOf(text: string | undefined): number {
  const size = text === undefined ? gibibyte : parseQuantity(text);
  if (size !== undefined && size >= page && size <= 4 * gibibyte) return Math.floor(size);
  throw usage(`--memory: expected a size from 64Ki to 4Gi, got "${text}"`, "For example --memory 128Mi");
}

function timeOf(flag: string, text: string | undefined): number {
  const time = text === undefined ? Infinity : parseDuration(text);
  if (time !== undefined && time >= 1) return time;
  throw usage(`${flag}: expected a duration of at least 1ms, got "${text}"`, `For example ${flag} 30s`);
}

function usage(message: string, remedy: string): BandstandError {
  return new BandstandError("usage", `run: ${message}`, { remedy });
}
