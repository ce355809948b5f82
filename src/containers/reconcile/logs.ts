import { BandstandError } from "../../foundation/errors/index.ts";
import type { ContainerLogLine, Engine } from "../engine.ts";
import type { LogOptions, ObservedPod, PodDriver } from "./driver.ts";
import type { Reconciler } from "./reconciler.ts";

type Choice = Parameters<Engine["logs"]>[1];

/** Milliseconds between two looks for containers that came anew, while lines are followed. */
const relook = 500;

/**
 * Lines of all containers of a workload: the last ones, then with `follow` what comes, also from containers and pods
 * that are started later. Throws where nothing of that name exists.
 */
export async function* followLogs(
  workload: string,
  { namespace = "default", tail = 100, follow = false, signal }: Choice,
  { parts: { driver } }: Reconciler,
): AsyncIterable<ContainerLogLine> {
  const queue = newQueue();
  const open = new Map<string, Promise<void>>();
  const begun = Date.now();
  const left = new AbortController();
  const until = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  const look = async (): Promise<number> => {
    const pods = (await driver.list()).filter((pod) => belongs(pod, workload, namespace));
    for (const pod of pods) {
      for (const { id, name, state, startedAt = 0 } of pod.containers) {
        if (open.has(id) || state === "created") continue;
        // A container that came while we followed is new from its first line on.
        const lines = open.size > 0 && startedAt >= begun ? {} : { tail };
        open.set(id, pump(driver, id, { ...lines, follow, signal: until }, pod.name, name, queue.put));
      }
    }
    return pods.length;
  };
  if ((await look()) === 0) throw unknown(workload, namespace);
  const timer = follow ? setInterval(() => void look().catch(() => {}), relook) : undefined;
  if (!follow) void Promise.all(open.values()).then(queue.end);
  if (until.aborted) queue.end();
  until.addEventListener("abort", queue.end, { once: true });
  try {
    yield* queue.lines();
  } finally {
    clearInterval(timer);
    left.abort();
  }
}

async function pump(
  driver: PodDriver,
  id: string,
  options: LogOptions,
  pod: string,
  container: string,
  put: (line: ContainerLogLine) => Promise<void>,
): Promise<void> {
  try {
    for await (const { stream, text } of driver.logs(id, options)) await put({ pod, container, stream, text });
  } catch {
    // The container was removed, or the reader went away.
  }
}

/** Lines of several writers for one reader, who sets the pace. */
function newQueue() {
  const waiting: { line: ContainerLogLine; taken: () => void }[] = [];
  let wake = (): void => {};
  let ended = false;
  return {
    put: (line: ContainerLogLine) =>
      new Promise<void>((taken) => {
        waiting.push({ line, taken });
        wake();
      }),
    end() {
      ended = true;
      wake();
    },
    async *lines(): AsyncGenerator<ContainerLogLine> {
      for (;;) {
        const next = waiting.shift();
        if (next) {
          next.taken();
          yield next.line;
        } else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

function belongs({ workload: { namespace, name }, name: pod }: ObservedPod, wanted: string, space: string): boolean {
  return namespace === space && (name === wanted || pod === wanted);
}

function unknown(workload: string, namespace: string): BandstandError {
  return new BandstandError("not-running", `nothing named ${workload} runs in namespace ${namespace}`, {
    remedy: "See `bandstand status` for what runs.",
  });
}
