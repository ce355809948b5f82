import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { ShopFolder } from "./folder.ts";
import { program } from "./paths.ts";
import { patiently, say, until } from "./say.ts";

export interface SiteStatus {
  listeners: { address: string; ready: boolean }[];
  problems: { severity: string; message: string; file?: string; line?: number; column?: number }[];
}

/** `bandstand up` of a shop, as a user runs it. */
export class Up {
  readonly #shop: ShopFolder;
  readonly #process: ChildProcess;
  readonly #ended: Promise<number>;
  /** What it said on stderr, line by line. */
  readonly said: string[] = [];
  url = "";

  private constructor(shop: ShopFolder) {
    this.#shop = shop;
    // In a group of its own: Ctrl-C reaches this process, which passes it on once; twice would cut requests off.
    this.#process = spawn(program, ["up", shop.path, "--build"], {
      env: shop.environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#ended = new Promise((resolve) =>
      this.#process.once("exit", (code, signal) => resolve(code ?? (signal ? 1 : 0))),
    );
    createInterface({ input: this.#process.stderr! }).on("line", (line) => this.#hear(line));
  }

  /** Resolves when the site is ready. Throws where it ends before, or takes more than `milliseconds`. */
  static async start(shop: ShopFolder, milliseconds = 300_000): Promise<Up> {
    const up = new Up(shop);
    try {
      await patiently("starting", () => up.#ready(milliseconds));
    } catch (error) {
      await up.stop("SIGTERM");
      throw error;
    }
    return up;
  }

  /** The exit code, once it has ended. */
  get ended(): Promise<number> {
    return this.#ended;
  }

  /** Asks it to stop as Ctrl-C does, and waits. Resolves to its exit code. */
  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<number> {
    this.signal(signal);
    return this.#ended;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill(signal);
  }

  status(): SiteStatus | undefined {
    const { status, stdout } = bandstand(this.#shop, ["status", this.#shop.path, "--json"]);
    return status === 0 ? (JSON.parse(stdout) as SiteStatus) : undefined;
  }

  async #ready(milliseconds: number): Promise<void> {
    let out = "";
    this.#process.stdout!.setEncoding("utf8").on("data", (text: string) => (out += text));
    let code: number | undefined;
    void this.#ended.then((ended) => (code = ended));
    const early = async (): Promise<true | undefined> => {
      if (code !== undefined) throw new Error(`bandstand up ended with ${code}; what it said stands above`);
      return out.includes(" is ready") ? true : undefined;
    };
    await until("ready", early, milliseconds);
    const listener = this.status()?.listeners[0];
    if (listener?.ready !== true) throw new Error("the site says that it is ready, but its listener is not");
    this.url = `http://${listener.address}`;
  }

  /** Diagnostics are JSON lines where nobody looks at a terminal; what ends a command is text. */
  #hear(line: string): void {
    this.said.push(line);
    if (!line.startsWith("{")) return say(`  ${line}`);
    const { time: _, level, message, text, ...fields } = JSON.parse(line) as Record<string, unknown>;
    if (level === "debug" || (level === "info" && isBuildStep(String(message), fields))) return;
    const more = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
    say(`  ${String(text ?? `${String(message)}${more.join("")}`).trimEnd()}`);
  }
}

/** What Podman says of each step of an image that builds: of interest where it fails, and then it is said again. */
function isBuildStep(message: string, fields: Record<string, unknown>): boolean {
  return fields["image"] !== undefined && message !== "building image";
}

/** One command of the program, run to its end. */
export function bandstand(shop: ShopFolder, args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(program, args, { env: shop.environment, encoding: "utf8" });
}
