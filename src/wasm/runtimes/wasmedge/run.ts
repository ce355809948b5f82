import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { BandstandError } from "../../../foundation/errors/index.ts";
import type { Body, HttpRequest, HttpResponse, RequestContext } from "../../../foundation/http/index.ts";
import { isStream } from "../../../foundation/http/index.ts";
import { cgiAnswer, type CgiAnswer } from "../../cgi/index.ts";
import { LogSink } from "../../host/cli/log.ts";
import type { ComponentScope } from "../../host/index.ts";
import { confined } from "./confined.ts";
import { cpuTime } from "./cpu-time.ts";
import { OutputBody } from "./output-body.ts";
import { isOwnLog } from "./own-log.ts";

/** Milliseconds of CPU that WasmEdge itself takes to start, which are not the guest's. */
const start = 50;
/** Milliseconds between two looks at the CPU time. */
const interval = 20;
/** Memory of the process beside that of the guest, in bytes. */
const overhead = 512 * 1024 * 1024;

/** One request in one process. */
export class Run {
  /** The process is gone. */
  readonly ended: Promise<void>;
  readonly response: Promise<HttpResponse>;
  readonly #scope: ComponentScope;
  readonly #stderr: LogSink;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #failure: BandstandError | undefined;

  constructor(
    scope: ComponentScope,
    request: HttpRequest,
    context: RequestContext,
    command: string,
    args: readonly string[],
  ) {
    this.#scope = scope;
    const { limits } = scope.plan;
    const { log } = scope;
    this.#stderr = new LogSink(
      { log: (level, text, fields) => log.line(level, text, fields), dropLines: (lines) => log.dropLines(lines) },
      "stderr",
    );
    const call = confined({ cpu: (limits.cpu + start) / 1000 + 1, memory: limits.memory + overhead }, command, args);
    this.#child = spawn(call.command, call.args, {
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const exit = new Promise<BandstandError | undefined>((resolve) => {
      this.#child.once("error", (cause) => resolve(this.#cannotStart(cause)));
      this.#child.once("close", (code, signal) => resolve(this.#failureOf(code, signal)));
    });
    const wall = setTimeout(() => this.#end("component-wall", `was not done after ${limits.wall} ms`), limits.wall);
    const clock = setInterval(() => this.#checkTime(), interval);
    this.ended = exit.then((failure) => {
      clearTimeout(wall);
      clearInterval(clock);
      if (failure !== undefined) scope.failures.failed(failure, context);
    });
    context.onAbort((reason) => this.#stop(reason));
    this.#logErrors();
    this.#child.stdin.on("error", () => {}); // A program need not read its input.
    void feed(this.#child.stdin, request.body, limits.requestBody).catch((error: unknown) =>
      this.#stop(error instanceof BandstandError ? error : this.#trapped("its input broke")),
    );
    const output = new OutputBody(this.#child.stdout, exit, limits.responseBody, (reason) => this.#stop(reason));
    this.response = this.#answer(output, request.method);
  }

  async #answer(output: OutputBody, method: string): Promise<HttpResponse> {
    let answer: CgiAnswer | undefined;
    let read: Buffer = Buffer.alloc(0);
    while (answer === undefined) {
      const piece = await output.next();
      if (piece !== undefined) read = this.#withoutLog(Buffer.concat([read, piece]));
      answer = cgiAnswer(read, piece === undefined, method);
    }
    const { status, headers, length, bodiless, rest } = answer;
    if (bodiless) {
      void output.discard();
      return { status, headers, body: undefined };
    }
    output.begin(rest, length);
    return { status, headers, body: output };
  }

  #logErrors(): void {
    this.#child.stderr.on("data", (piece: Buffer) => this.#stderr.write(piece));
    this.#child.stderr.once("close", () => this.#stderr.end());
  }

  /**
   * WasmEdge writes its own log to stdout and cannot be told not to. No header line looks like that; inside of a
   * body nobody could tell it from what the guest writes.
   */
  #withoutLog(output: Buffer): Buffer {
    for (let rest = output; ;) {
      const end = rest.indexOf(10);
      if (end < 0 || !isOwnLog(rest)) return rest;
      this.#stderr.write(rest.subarray(0, end + 1));
      rest = rest.subarray(end + 1);
    }
  }

  #checkTime(): void {
    const { pid } = this.#child;
    const used = pid === undefined ? undefined : cpuTime(pid);
    const limit = this.#scope.plan.limits.cpu;
    if (used !== undefined && used > limit + start)
      this.#end("component-cpu", `used more than ${limit} ms of CPU time`);
  }

  #end(code: "component-wall" | "component-cpu", message: string): void {
    this.#stop(new BandstandError(code, message));
  }

  #stop(reason: BandstandError): void {
    this.#failure ??= reason;
    this.#child.kill("SIGKILL");
  }

  #failureOf(code: number | null, signal: NodeJS.Signals | null): BandstandError | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (signal === "SIGXCPU" || signal === "SIGKILL") {
      return new BandstandError("component-cpu", `was ended by ${signal} for the CPU time that it used`);
    }
    if (code === 0) return undefined;
    return this.#trapped(
      code === 134 || signal !== null ? `trapped (${signal ?? "exit 134"})` : `ended with exit ${code}`,
    );
  }

  #trapped(message: string): BandstandError {
    return new BandstandError("component-trapped", message);
  }

  #cannotStart(cause: Error): BandstandError {
    return (this.#failure ??= new BandstandError("component-trapped", `cannot be started: ${cause.message}`, {
      cause,
    }));
  }
}

/** Gives a request's body to a program as fast as it reads. Throws `request-too-large`. */
async function feed(input: Writable, body: Body, limit: number): Promise<void> {
  if (!isStream(body)) {
    input.end(typeof body === "string" ? Buffer.from(body, "latin1") : body);
    return;
  }
  let size = 0;
  for (let piece = await body.read(); piece !== undefined; piece = await body.read()) {
    size += piece.length;
    if (size > limit) {
      body.cancel();
      throw new BandstandError(
        "request-too-large",
        `the request's body is larger than the ${limit} bytes that are taken here`,
      );
    }
    if (input.destroyed || input.writableEnded) return body.cancel();
    if (!input.write(piece)) await drained(input);
  }
  input.end();
}

function drained(input: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      input.off("drain", done);
      input.off("close", done);
      resolve();
    };
    input.on("drain", done);
    input.on("close", done);
  });
}
