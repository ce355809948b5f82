import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const root = join(import.meta.dirname, "../..");
const program = join(root, "bin/bandstand");

const nobody = 65_534;

/** What one call of the program came to. */
export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/**
 * A folder of its own with state of its own, in which the program is called as a user calls it. Remove with `await
 * using`: what still runs is ended then.
 */
export class Workspace {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "bandstand-journey-")));
  readonly environment: NodeJS.ProcessEnv;
  readonly #running = new Set<Running>();
  readonly #ends: (() => Promise<unknown>)[] = [];

  constructor(environment: NodeJS.ProcessEnv = {}) {
    mkdirSync(this.at("tmp"));
    this.environment = {
      ...process.env,
      BANDSTAND_STATE: this.at("state"),
      TMPDIR: this.at("tmp"),
      NO_COLOR: "1",
      ...environment,
    };
  }

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  write(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text);
  }

  /** A search path with what a shell script needs and no more: no Podman, no compilers. */
  barePath(): string {
    const folder = this.at("bin");
    mkdirSync(folder, { recursive: true });
    for (const name of ["dirname", "readlink", "uname"]) {
      if (!existsSync(join(folder, name))) symlinkSync(join("/usr/bin", name), join(folder, name));
    }
    return folder;
  }

  /** Runs a command to its end. */
  async run(...args: string[]): Promise<Outcome> {
    return this.runWith({}, ...args);
  }

  async runWith(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Outcome> {
    return this.#track(new Running(this, args, environment)).ended;
  }

  /** As `runWith`, as a user whom the permissions of files stop, which they do not stop root. */
  async runUnprivileged(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Outcome> {
    if (process.getuid?.() !== 0) return this.runWith(environment, ...args);
    // What root wrote here may be its own alone, as the folder of this run of the tests is.
    chmodSync(dirname(this.path), statSync(dirname(this.path)).mode | 0o011);
    spawnSync("chown", ["-hR", `${nobody}:${nobody}`, this.path]);
    const own = { HOME: this.at("home"), XDG_CACHE_HOME: this.at("home/cache") };
    return this.#track(new Running(this, args, { ...own, ...environment }, nobody)).ended;
  }

  /** Starts a command that goes on until it is stopped. */
  start(...args: string[]): Running {
    return this.startWith({}, ...args);
  }

  startWith(environment: NodeJS.ProcessEnv, ...args: string[]): Running {
    return this.#track(new Running(this, args, environment));
  }

  #track(running: Running): Running {
    this.#running.add(running);
    return running;
  }

  /** A server on this machine, which a Service with an EndpointSlice leads to; answers with `text`. */
  async backend(text: string): Promise<{ port: number; seen: IncomingHttpHeaders[] }> {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers);
      response.end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#ends.push(() => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))));
    return { port: (server.address() as AddressInfo).port, seen };
  }

  /** Answers `slow` after so many milliseconds. */
  async slowBackend(milliseconds: number): Promise<{ port: number; asked: Promise<void> }> {
    let tell: () => void = () => {};
    const asked = new Promise<void>((resolve) => (tell = resolve));
    const server = createServer((_, response) => {
      tell();
      setTimeout(() => response.end("slow\n"), milliseconds);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#ends.push(() => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))));
    return { port: (server.address() as AddressInfo).port, asked };
  }

  /** Sends bytes as they are and resolves to what comes back until the other side closes. */
  raw(address: string, bytes: string): Promise<string> {
    const { hostname, port } = new URL(`http://${address}`);
    return new Promise((resolve, reject) => {
      let text = "";
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      socket.setEncoding("latin1").on("data", (piece: string) => (text += piece));
      socket.once("error", reject).once("close", () => resolve(text));
      socket.setTimeout(10_000, () => socket.destroy(new Error(`the connection is still open after: ${text}`)));
    });
  }

  /** Without what differs from run to run. */
  stable(text: string): string {
    return text
      .replaceAll(this.path, "<workspace>")
      .replaceAll(root, "<repository>")
      .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>")
      .replace(/:(\d{4,5})(?= of listener)/g, ":<port>")
      .replace(/sport = :\d+/g, "sport = :<port>")
      .replace(/\bprocess \d+/g, "process <pid>")
      .replace(/kill -9 \d+/g, "kill -9 <pid>");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) await running.stop("SIGKILL");
    for (const end of this.#ends) await end();
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** A command that runs. */
export class Running {
  out = "";
  err = "";
  readonly ended: Promise<Outcome>;
  readonly #process: ChildProcess;

  constructor(workspace: Workspace, args: string[], environment: NodeJS.ProcessEnv, user?: number) {
    const env = { ...workspace.environment, ...environment };
    this.#process = spawn(program, args, {
      cwd: workspace.path,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      ...(user !== undefined && { uid: user, gid: user }),
    });
    this.#process.stdout!.setEncoding("utf8").on("data", (text: string) => (this.out += text));
    this.#process.stderr!.setEncoding("utf8").on("data", (text: string) => (this.err += text));
    this.ended = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("close", (code) => resolve({ code, out: this.out, err: this.err }));
    });
  }

  /** Resolves to the first URL that it says it is ready at. Throws with what it said where it ends before. */
  async ready(): Promise<string> {
    await this.#says(() => this.out.includes(" is ready"));
    const url = /is ready: (https?:\S+)/.exec(this.out)?.[1];
    if (url === undefined) throw new Error(`not ready: ${this.out}${this.err}`);
    return url;
  }

  /**
   * Resolves to the URL that `serve` begins what it says with. Throws with all that it said where it says something else
   * first, or ends before.
   */
  async address(): Promise<string> {
    await this.#says(() => this.err.includes("\n"));
    const url = /^(https?:\S+)\n/.exec(this.err)?.[1];
    if (url !== undefined) return url;
    // What is wrong comes on several lines.
    const { code, out, err } = await this.stop("SIGTERM");
    throw new Error(`it serves nothing (code ${code}): ${out}${err}`);
  }

  /** Until it has said so, has ended, or four minutes have passed. */
  async #says(hasSaid: () => boolean): Promise<void> {
    const deadline = Date.now() + 240_000;
    let hasEnded = false;
    void this.ended.then(() => (hasEnded = true));
    while (!hasEnded && !hasSaid() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<Outcome> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill(signal);
    return this.ended;
  }
}
