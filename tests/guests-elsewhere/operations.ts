import { spawn, type ChildProcess } from "node:child_process";
import { connect, type Socket } from "node:net";
import { startServers, type Servers, type ServerScript } from "./servers.ts";

/** Milliseconds for one step. */
const patience = 60_000;

/** What a program's file beside it says is done with it, step by step. */
export interface Script {
  world?: string;
  proposals?: string[];
  operations?: Operation[];
  servers?: ServerScript[];
}

type Operation =
  | { type: "run"; args?: string[]; env?: Record<string, string> }
  | { type: "write" | "read"; id: string; payload: string }
  | { type: "connect"; id: string }
  | { type: "send" | "recv"; id: string; payload: string }
  | {
      type: "request";
      method: string;
      path: string;
      headers?: Record<string, string>;
      body?: string;
      response: Response;
    }
  | { type: "kill"; signal: NodeJS.Signals }
  | { type: "wait"; exit_code?: number };

interface Response {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

/** Does all steps; answers what went wrong. */
export async function operate(
  program: string,
  file: string,
  script: Script & { operations: Operation[] },
): Promise<string | undefined> {
  const servers = await startServers(script.servers);
  const running = new Running(program, file, script, servers);
  try {
    for (const operation of script.operations) await running.step(operation);
    return undefined;
  } catch (error) {
    return `${(error as Error).message}${running.said}`;
  } finally {
    running.end();
    servers.close();
  }
}

class Running {
  readonly #program: string;
  readonly #file: string;
  readonly #script: Script;
  readonly #servers: Servers;
  readonly #sockets = new Map<string, Incoming>();
  #child: ChildProcess | undefined;
  #ended: Promise<number | null> | undefined;
  #streams: Record<string, Incoming> = {};

  constructor(program: string, file: string, script: Script, servers: Servers) {
    this.#program = program;
    this.#file = file;
    this.#script = script;
    this.#servers = servers;
  }

  get said(): string {
    const text = this.#streams["stderr"]?.text.trim() ?? "";
    return text === "" ? "" : `: ${text.slice(0, 300)}`;
  }

  async step(operation: Operation): Promise<void> {
    switch (operation.type) {
      case "run":
        return this.#run(operation.args ?? [], operation.env ?? {});
      case "write":
        return void this.#child!.stdin!.write(operation.payload);
      case "read":
        return this.#streams[operation.id]!.expect(operation.payload);
      case "connect": {
        const [host, port] = (await this.#streams["stdout"]!.line()).split(":");
        this.#sockets.set(operation.id, new Incoming(connect(Number(port), host)));
        return;
      }
      case "send":
        return void (this.#sockets.get(operation.id)!.stream as Socket).write(operation.payload);
      case "recv":
        return this.#sockets.get(operation.id)!.expect(operation.payload);
      case "request":
        return this.#request(operation);
      case "kill":
        return void this.#child!.kill(operation.signal);
      case "wait": {
        this.#child!.stdin!.end();
        const code = await soon(this.#ended!, "does not end");
        if (code !== (operation.exit_code ?? 0)) throw new Error(`exit code ${String(code)}`);
      }
    }
  }

  #run(args: readonly string[], env: Record<string, string>): void {
    const { world = "wasi:cli/command", proposals = [] } = this.#script;
    const isService = world === "wasi:http/service";
    const grants = [
      ...Object.entries({ ...env, ...this.#servers.environment }).flatMap(([name, value]) => [
        "--env",
        `${name}=${value}`,
      ]),
      ...(proposals.includes("sockets") ? ["--net", "*,localhost,0.0.0.0,[::]"] : []),
      ...(isService ? ["--listen", "127.0.0.1:0"] : []),
      ...(isService && proposals.includes("http") ? ["--net", "*,127.0.0.1"] : []),
    ];
    const child = spawn(this.#program, [isService ? "serve" : "run", ...grants, this.#file, ...args]);
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once("close", resolve));
    this.#streams = { stdout: new Incoming(child.stdout), stderr: new Incoming(child.stderr) };
  }

  async #request({ method, path, headers = {}, body, response }: Operation & { type: "request" }): Promise<void> {
    const url = /http:\/\/\S+/.exec(await this.#streams["stderr"]!.until(/http:\/\/\S+\s/))![0];
    const got = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) });
    const text = await got.text();
    const what = `${method} ${path}: `;
    if (got.status !== (response.status ?? 200)) throw new Error(`${what}${got.status}`);
    for (const [name, value] of Object.entries(response.headers ?? {}))
      if (got.headers.get(name) !== value) throw new Error(`${what}${name} is ${got.headers.get(name)}`);
    if (text !== (response.body ?? "")) throw new Error(`${what}${JSON.stringify(text)}`);
  }

  end(): void {
    for (const { stream } of this.#sockets.values()) (stream as Socket).destroy();
    this.#child?.kill("SIGKILL");
  }
}

/** Text that comes, and is taken as it is expected. */
class Incoming {
  readonly stream: NodeJS.ReadableStream;
  text = "";
  #onMore: () => void = () => {};

  constructor(stream: NodeJS.ReadableStream) {
    this.stream = stream;
    stream.on("data", (piece: Buffer) => {
      this.text += piece.toString();
      this.#onMore();
    });
    stream.on("error", () => {});
  }

  async expect(payload: string): Promise<void> {
    await this.#when(() => this.text.length >= payload.length);
    const got = this.text.slice(0, payload.length);
    if (got !== payload) throw new Error(`expected ${JSON.stringify(payload)}, got ${JSON.stringify(got)}`);
    this.text = this.text.slice(payload.length);
  }

  async line(): Promise<string> {
    await this.#when(() => this.text.includes("\n"));
    const [line = "", ...rest] = this.text.split("\n");
    this.text = rest.join("\n");
    return line.trim();
  }

  /** What stands there once it is like this; it stays. */
  async until(form: RegExp): Promise<string> {
    await this.#when(() => form.test(this.text));
    return this.text;
  }

  #when(isThere: () => boolean): Promise<void> {
    const there = new Promise<void>((resolve) => {
      this.#onMore = () => isThere() && resolve();
      this.#onMore();
    });
    return soon(there, "does not say what it should");
  }
}

function soon<T>(promise: Promise<T>, otherwise: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(otherwise)), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
