import { BandstandError } from "../../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse, RequestContext } from "../../../foundation/http/index.ts";
import { isStream } from "../../../foundation/http/index.ts";
import type { ComponentPlan } from "../../../model/plan/index.ts";
import { cgiEnvironment } from "../../cgi/index.ts";
import { ComponentScope } from "../../host/index.ts";
import type { ComponentHost, LoadedComponent } from "../../runtime.ts";
import type { WasmEdge } from "./program.ts";
import { Run } from "./run.ts";

/** Processes of one component at a time on one thread, whatever its limits say: each takes 55 MB. */
const mostRuns = 16;
const page = 65_536;

/** Headers that hold secrets: arguments of processes can be read by every user of the machine. */
const secretHeaders = ["HTTP_AUTHORIZATION", "HTTP_COOKIE"];

/**
 * A WASI 0.1 module that WasmEdge runs, compiled ahead of time: a process for each request, by the CGI convention.
 * Throws `component-unsupported` where its configuration has values of Secrets.
 * @param file what `AheadStore` compiled.
 */
export function loadWasmEdge(
  plan: ComponentPlan,
  file: string,
  program: WasmEdge,
  host: ComponentHost,
): LoadedComponent {
  const secret = Object.entries(plan.config).find(([, value]) => !("value" in value));
  if (secret !== undefined) {
    const message = `configuration ${secret[0]} comes from a Secret: WasmEdge takes it as an argument, which every user of the machine can read`;
    throw new BandstandError("component-unsupported", message, { remedy: "Use runtime: v8 for it." });
  }
  return new Runs(new ComponentScope(plan, host), file, program);
}

class Runs implements LoadedComponent {
  readonly #scope: ComponentScope;
  readonly #file: string;
  readonly #program: WasmEdge;
  readonly #running = new Set<Run>();
  readonly #waiting: (() => void)[] = [];
  #closed: (() => void) | undefined;

  constructor(scope: ComponentScope, file: string, program: WasmEdge) {
    this.#scope = scope;
    this.#file = file;
    this.#program = program;
  }

  async handle(request: HttpRequest, context: RequestContext): Promise<HttpResponse> {
    const { plan } = this.#scope;
    const { body } = request;
    const length = isStream(body) ? body.length : body?.length;
    if (length !== undefined && length > plan.limits.requestBody) {
      const message = `the request's body of ${length} bytes is larger than the ${plan.limits.requestBody} that are taken here`;
      throw new BandstandError("request-too-large", message);
    }
    if (this.#running.size >= Math.min(mostRuns, plan.limits.concurrency)) await this.#turn();
    const { command, args } = this.#program;
    const run = new Run(this.#scope, request, context, command, [
      ...args,
      ...this.#options(request, context),
      this.#file,
    ]);
    this.#running.add(run);
    void run.ended.then(() => this.#left(run));
    return run.response;
  }

  async close(): Promise<void> {
    if (this.#running.size > 0) await new Promise<void>((resolve) => (this.#closed = resolve));
  }

  #options(request: HttpRequest, context: RequestContext): string[] {
    const variables = cgiEnvironment(request, context);
    for (const name of secretHeaders) variables.delete(name);
    for (const [name, value] of this.#scope.config) variables.set(name, value);
    const pages = Math.floor(this.#scope.plan.limits.memory / page);
    return [
      "--memory-page-limit",
      String(pages),
      // An argument ends at a zero byte.
      ...[...variables].flatMap(([name, value]) => (value.includes("\0") ? [] : ["--env", `${name}=${value}`])),
      "--",
    ];
  }

  #turn(): Promise<void> {
    const { id, limits } = this.#scope.plan;
    const busy = (): BandstandError =>
      new BandstandError("overloaded", `component ${id} has more requests in hand than it may`);
    if (this.#waiting.length >= limits.queue) throw busy();
    return new Promise((resolve, reject) => {
      const go = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(busy());
      }, limits.wall);
      this.#waiting.push(go);
    });
  }

  #left(run: Run): void {
    this.#running.delete(run);
    this.#waiting.shift()?.();
    if (this.#running.size === 0) this.#closed?.();
  }
}
