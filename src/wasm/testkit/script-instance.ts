import { usualCounts } from "../../model/plan/index.ts";
import { loggerTo } from "../../foundation/log/index.ts";
import { builtIn, builtInWaits, Task, type TaskOwner } from "../async/index.ts";
import { Crossings } from "../crossing/index.ts";
import { EnsembleImports, HostTask } from "../ensemble/index.ts";
import { ComponentScope } from "../host/index.ts";
import { Guest } from "../host/guest.ts";
import { GuestMemory } from "../host/memory.ts";
import { compile, interruptHook, Place, type ComponentInstance, type HostImport } from "../link/index.ts";
import { prepare } from "../prepare/index.ts";

const megabyte = 2 ** 20;

function guestOf(): Guest {
  const limits = {
    memory: 1024 * megabyte,
    cpu: 1e6,
    wall: 1e6,
    requestBody: megabyte,
    responseBody: megabyte,
    ...usualCounts,
  };
  const plan = {
    id: "script",
    digest: "",
    isolation: "reuse",
    runtime: "v8",
    limits,
    config: {},
    identityHeaders: [],
  } as const;
  const capabilities = { http: [], services: [], keyValue: [] };
  const logger = loggerTo(() => {}, { minimum: "error" });
  const host = { logger, config: new Map<string, string>(), fetch: () => Promise.reject(new Error("none here")) };
  return new Guest(new ComponentScope({ ...plan, capabilities, identityHeaders: [] }, host));
}

/** A component of a script, without an interface of the host. */
export class ScriptInstance {
  readonly #guest: Guest;
  readonly #instance: ComponentInstance;
  readonly #ensemble: EnsembleImports | undefined;

  private constructor(guest: Guest, instance: ComponentInstance, ensemble: EnsembleImports | undefined) {
    this.#guest = guest;
    this.#instance = instance;
    this.#ensemble = ensemble;
  }

  static async of(bytes: Uint8Array): Promise<ScriptInstance> {
    const guest = guestOf();
    const compiled = await compile(prepare(bytes, () => undefined, "reuse"));
    const { composition, memories } = compiled.manifest;
    const kindOf = (): undefined => undefined;
    const isAsync = composition?.parents !== undefined;
    const ensemble = isAsync ? new EnsembleImports(guest, composition, kindOf, true) : undefined;
    const crossings =
      composition !== undefined && !isAsync ? new Crossings(guest, composition, kindOf, true) : undefined;
    const place = new Place(compiled, {
      ...(crossings && { cross: (...each) => crossings.bind(...each) }),
      ...(ensemble && { cross: (...each) => ensemble.cross(...each) }),
      bind: (use, lowering): HostImport => {
        if (use.kind !== "built-in") throw new Error("the host has nothing");
        const part = ensemble?.part(lowering.owner);
        if (part !== undefined)
          return ensemble!.builtIn(use, part, ensemble!.memory(part, lowering), lowering as never);
        const memory = new GuestMemory(guest, lowering);
        const made = builtIn(use, guest, memory);
        return builtInWaits(use) ? new WebAssembly.Suspending(made as never) : made;
      },
      memories: memories.map(
        ({ minimum, maximum }) =>
          new WebAssembly.Memory({ initial: minimum, maximum: Math.min(maximum ?? 65_536, 65_536) }),
      ),
      hook: interruptHook(() => (guest.failure === undefined ? 0 : 1)),
      guest: 1,
    });
    const instance = place.instantiate();
    guest.entry = "waiting";
    return new ScriptInstance(guest, instance, ensemble);
  }

  /** The core values that a function answers, and the memory that pointers among them are of. */
  async call(
    name: string,
    args: (number | bigint | string)[],
  ): Promise<{ values: readonly (number | bigint)[]; memory: WebAssembly.Memory | undefined }> {
    const guest = this.#guest;
    if (guest.failure !== undefined) throw guest.failure;
    const found = this.#instance.exports.get(name);
    if (found === undefined) throw new Error(`no export ${name}`);
    const given = args.flatMap((value) => {
      if (typeof value !== "string") return [value];
      const bytes = Buffer.from(value);
      const at = found.lowering.realloc!(0, 0, 1, bytes.length);
      new Uint8Array(found.lowering.memory!.buffer).set(bytes, at);
      return [at, bytes.length];
    });
    const { memory } = found.lowering;
    try {
      if (found.plan.async !== true) {
        const call = this.#ensemble?.plainly(found) ?? WebAssembly.promising(found.call as never);
        const value = await settled(Promise.resolve().then(() => (call as (...all: unknown[]) => unknown)(...given)));
        return { values: value === undefined ? [] : [value as number], memory };
      }
      const done = new Promise<readonly (number | bigint)[]>((resolve, reject) => {
        let values: readonly (number | bigint)[] = [];
        const owner: TaskOwner = {
          entering() {},
          left() {},
          paused() {},
          returned: (_, answered) => void (values = answered),
          ended: (thrown) => (thrown === undefined ? resolve(values) : reject(thrown.error)),
        };
        const task = this.#ensemble === undefined ? new Task(guest, owner) : new HostTask(owner);
        const promised = <T>(core: T): T => (core === undefined ? core : (WebAssembly.promising(core as never) as T));
        if (this.#ensemble === undefined)
          task.start({ start: promised(found.call), callback: promised(found.callback) }, ...(given as number[]));
        else
          task.start(
            { start: found.call, callback: found.callback, callee: this.#ensemble.callee(found) },
            ...(given as number[]),
          );
      });
      return { values: await settled(done), memory };
    } catch (error) {
      throw guest.fail("component-trapped", error instanceof Error ? error.message : String(error));
    }
  }
}

/** Nothing here waits for the outside: what is not done soon never is. */
async function settled<T>(done: Promise<T>): Promise<T> {
  let isOver = false;
  const watched = done.finally(() => (isOver = true));
  watched.catch(() => {});
  for (let turn = 0; turn < 2000 && !isOver; turn++) await new Promise((resolve) => setImmediate(resolve));
  if (!isOver) throw new Error("deadlock: nothing goes on");
  return watched;
}
