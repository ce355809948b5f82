import { execFile } from "node:child_process";
import { access, constants, readdir, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How WasmEdge is called here. */
export interface WasmEdge {
  version: string;
  command: string;
  /** Before the arguments of WasmEdge itself. */
  args: readonly string[];
}

/** Where the one command of `installWasmEdge` puts it. */
const usualRoot = "/var/lib/bandstand/wasmedge";

/** For a machine whose own packages lack it. */
export const installWasmEdge = [
  "As root, where Debian has it (13 and later): apt-get install -y wasmedge",
  `else a folder of Debian 13 beside the system (180 MB): apt-get install -y mmdebstrap && mmdebstrap --variant=extract --include=wasmedge trixie ${usualRoot}`,
].join("\n");

/**
 * Finds WasmEdge: `$BANDSTAND_WASMEDGE` (the program, or a folder that holds a Debian with it), the path, or the usual
 * folder. Throws `environment` with the commands that install it.
 */
export async function findWasmEdge(environment: Environment): Promise<WasmEdge> {
  const chosen = environment["BANDSTAND_WASMEDGE"];
  const candidates =
    chosen === undefined || chosen === ""
      ? [...(environment["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "wasmedge")), usualRoot]
      : [chosen];
  for (const candidate of candidates) {
    const call = await callOf(candidate);
    if (call !== undefined) return { ...call, version: await versionOf(call, candidate) };
  }
  throw new BandstandError(
    "environment",
    chosen === undefined || chosen === ""
      ? `WasmEdge is not installed: neither wasmedge on the path nor ${usualRoot}`
      : `BANDSTAND_WASMEDGE is ${chosen}: there is no WasmEdge`,
    { remedy: installWasmEdge },
  );
}

type Call = Omit<WasmEdge, "version">;

async function callOf(path: string): Promise<Call | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return inRoot(path);
  return found?.isFile() && (await mayRun(path)) ? { command: path, args: [] } : undefined;
}

/** A folder with a Debian: its programs need its own loader and libraries, not those of this system. */
async function inRoot(root: string): Promise<Call | undefined> {
  const program = join(root, "usr/bin/wasmedge");
  if (!(await mayRun(program))) return undefined;
  const folders = await readdir(join(root, "usr/lib")).catch(() => []);
  for (const folder of folders.filter((name) => name.includes("-linux-gnu"))) {
    const libraries = join(root, "usr/lib", folder);
    const loader = (await readdir(libraries)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
    if (loader === undefined) continue;
    return { command: join(libraries, loader), args: ["--library-path", libraries, program] };
  }
  return undefined;
}

async function versionOf({ command, args }: Call, candidate: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, [...args, "--version"], { timeout: 10_000, env: {} });
    const found = /version (\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
    if (found !== undefined) return found;
    throw new Error(`it says "${stdout.slice(0, 80)}"`);
  } catch (cause) {
    throw new BandstandError("environment", `${candidate} does not run: ${messageOf(cause)}`, {
      remedy: installWasmEdge,
      cause,
    });
  }
}

async function mayRun(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
