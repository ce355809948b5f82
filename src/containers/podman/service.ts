import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BandstandError } from "../../foundation/errors/index.ts";
import { PodmanClient } from "./client.ts";
import { confFor } from "./conf.ts";
import type { PodmanOptions } from "./options.ts";

/** A Podman that answers, and how to let go of it. */
export interface PodmanService {
  client: PodmanClient;
  /**
   * Ends the service if it was ours. Idempotent. Its containers.conf stays: what Podman runs when a container ends
   * reads it too.
   */
  close(): Promise<void>;
}

/** Longest path of a unix socket, with its end mark. */
const longestSocket = 107;
/** Milliseconds that the service gets to answer first: a new store takes a while. */
const startLimit = 30_000;
/** Seconds without any connection after which our service ends by itself, should we be killed. We keep one open. */
const idle = 60;

/**
 * The Podman to talk to: the one of `CONTAINER_HOST`, else the user's or the system's socket, else a service of our
 * own on a private socket. A store of its own (`root`) always has a service of its own. Throws `engine-missing`, `engine-broken`.
 */
export async function connectPodman(options: PodmanOptions): Promise<PodmanService> {
  const { environment = process.env, root } = options;
  if (root === undefined) {
    const named = environment["CONTAINER_HOST"];
    if (named !== undefined && named !== "") return await connectTo(socketOf(named), "CONTAINER_HOST");
    for (const socket of usualSockets(environment)) {
      const client = new PodmanClient(socket);
      if (await client.ping()) return { client, close: () => client.close() };
      await client.close();
    }
  }
  return await startService(options, environment);
}

function usualSockets(environment: Record<string, string | undefined>): string[] {
  const own = environment["XDG_RUNTIME_DIR"];
  if (process.getuid?.() === 0) return ["/run/podman/podman.sock"];
  return own ? [join(own, "podman", "podman.sock")] : [];
}

async function connectTo(socket: string, origin: string): Promise<PodmanService> {
  const client = new PodmanClient(socket);
  if (await client.ping(10_000)) return { client, close: () => client.close() };
  await client.close();
  throw new BandstandError("engine-broken", `no Podman answers on ${socket}, which ${origin} names`, {
    remedy: `Start it there with \`podman system service --time 0 unix://${socket}\`, or unset ${origin}.`,
  });
}

function socketOf(host: string): string {
  if (host.startsWith("unix://")) return host.slice("unix://".length);
  throw new BandstandError("engine-broken", `CONTAINER_HOST is ${host}: expected unix:///path/of/podman.sock`, {
    remedy: "Set it to a local socket, or unset it.",
  });
}

async function startService(
  options: PodmanOptions,
  environment: Record<string, string | undefined>,
): Promise<PodmanService> {
  const { root, runroot, program = "podman" } = options;
  const folder = join(options.stateDirectory, "podman");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const socket = await placeSocket(join(folder, "service.sock"));
  const log = join(folder, "service.log");
  const conf = confFor({ root, environment });
  const confFile = join(folder, "containers.conf");
  if (conf !== undefined) await writeFile(confFile, conf, { mode: 0o600 });
  const store = [
    ...(root === undefined ? [] : ["--root", root]),
    ...(runroot === undefined ? [] : ["--runroot", runroot, "--tmpdir", join(runroot, "libpod")]),
  ];
  const output = await open(log, "w", 0o600);
  const args = [...store, "system", "service", "--time", String(idle), `unix://${socket}`];
  const env = { ...environment, ...(conf === undefined ? {} : { CONTAINERS_CONF: confFile }) };
  const child = keepRunning(program, args, { env, output, cwd: folder });
  const client = new PodmanClient(socket);
  const close = async (): Promise<void> => {
    await client.close();
    await child.stop();
    await output.close();
    await removeSocket(join(folder, "service.sock"));
    await rm(log, { force: true });
  };
  const until = Date.now() + startLimit;
  while (child.ended() === undefined && Date.now() < until) {
    if (await client.ping()) {
      child.keep();
      return { client, close };
    }
    await sleep(25);
  }
  const said = (await readFile(log, "utf8").catch(() => "")).trim();
  const end = child.ended();
  await close();
  throw end === "ENOENT" ? missing(program) : broken(program, end, said);
}

/** In folders of temporary files. */
const awayPrefix = "bandstand-socket-";

/** Where a socket goes that should stand at a path: there, or, where that is too long for one, elsewhere with a link there. */
async function placeSocket(path: string): Promise<string> {
  // What a process that was killed left.
  await removeSocket(path);
  if (Buffer.byteLength(path) <= longestSocket) return path;
  const socket = join(await mkdtemp(join(tmpdir(), awayPrefix)), basename(path));
  await symlink(socket, path);
  return socket;
}

async function removeSocket(path: string): Promise<void> {
  const away = dirname(await readlink(path).catch(() => ""));
  if (basename(away).startsWith(awayPrefix)) await rm(away, { recursive: true, force: true });
  await rm(path, { force: true });
}

interface Child {
  /** How it ended last; undefined while it runs. */
  ended(): string | undefined;
  /** From now on it is started again where it ends. */
  keep(): void;
  stop(): Promise<void>;
}

/** Milliseconds before a service that died is started again. */
const pause = 1000;

function keepRunning(
  program: string,
  args: string[],
  { env, output, cwd }: { env: Record<string, string | undefined>; output: FileHandle; cwd: string },
): Child {
  let ended: string | undefined;
  let kept = false;
  let timer: NodeJS.Timeout | undefined;
  const launch = (): ChildProcess => {
    // In a process group of its own: the terminal's Ctrl-C is for us, who still need the service to clean up.
    // And in a folder of ours: conmon leaves a file named `oom` where it was started when a container runs out of memory.
    const child = spawn(program, args, { detached: true, stdio: ["ignore", output.fd, output.fd], env, cwd });
    child.unref();
    const end = (how: string): void => {
      ended ??= how;
      if (!kept) return;
      timer = setTimeout(() => {
        ended = undefined;
        current = launch();
      }, pause).unref();
    };
    child.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    child.once("exit", (code, signal) => end(`ended with ${code ?? signal}`));
    return child;
  };
  let current = launch();
  return {
    ended: () => ended,
    keep: () => void (kept = true),
    async stop() {
      kept = false;
      clearTimeout(timer);
      if (ended !== undefined) return;
      const exited = once(current, "exit");
      current.ref();
      current.kill("SIGTERM");
      const patience = setTimeout(() => current.kill("SIGKILL"), 5000);
      await exited;
      clearTimeout(patience);
    },
  };
}

function missing(program: string): BandstandError {
  return new BandstandError("engine-missing", `${program} is not installed, and the site has containers`, {
    remedy: `Run as root: ${installLine}`,
  });
}

/** What to install on Debian and its kin. */
export const installLine = "apt-get install -y podman runc netavark aardvark-dns catatonit iptables";

function broken(program: string, end: string | undefined, said: string): BandstandError {
  const lines = said.split("\n").slice(-5).join("\n");
  return new BandstandError("engine-broken", `\`${program} system service\` ${end ?? "does not answer"}: ${lines}`, {
    remedy: "Run `bandstand doctor`.",
  });
}
