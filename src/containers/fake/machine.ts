import type { SecretValues } from "../../model/plan/index.ts";
import type {
  ContainerStart,
  ExecResult,
  ObservedContainer,
  ObservedPod,
  PodSpec,
  PortRedirect,
} from "../reconcile/driver.ts";

/** A container of a machine that exists in memory only. */
export interface FakeContainer extends ObservedContainer {
  lines: string[];
  files: Set<string>;
  env: Record<string, string>;
}

export interface FakePod extends Omit<ObservedPod, "containers"> {
  containers: FakeContainer[];
  spec: PodSpec;
  redirects: readonly PortRedirect[];
}

/** Environment variable by which a test says what a container does: run (default), succeed, fail, crash-after:MS. */
export const behaviour = "FAKE_BEHAVIOUR";

/**
 * What a fake engine drives; outlives engines, as a machine does. Containers do what their environment says, and of
 * commands they know `touch`, `rm`, `cat` and `false`, so that the suite for real engines runs here too.
 */
export class FakeMachine {
  readonly pods = new Map<string, FakePod>();
  readonly volumes = new Set<string>();
  /** Images that are there; every other one is missing. */
  readonly images = new Set<string>(["localhost/test/busybox:1"]);
  readonly builds: string[] = [];
  network = false;
  #next = 1;
  readonly #listeners = new Set<() => void>();
  readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  create(spec: PodSpec): FakePod {
    const number = this.#next++;
    const pod: FakePod = {
      id: `pod${number}`,
      name: spec.name,
      slot: spec.plan.name,
      hash: spec.hash,
      workload: spec.plan.workload,
      attempt: spec.attempt,
      created: this.now(),
      running: true,
      address: `10.0.0.${number}`,
      plan: spec.plan,
      containers: [],
      spec,
      redirects: [],
    };
    this.pods.set(pod.id, pod);
    return pod;
  }

  start(pod: FakePod, { container, restarts }: ContainerStart, secrets: SecretValues): void {
    const env = Object.fromEntries(
      Object.entries(container.env).map(([name, from]) => {
        const bytes =
          "value" in from ? undefined : secrets.get(`${from.secret.namespace}/${from.secret.name}/${from.secret.key}`);
        return [name, "value" in from ? from.value : Buffer.from(bytes ?? []).toString()];
      }),
    );
    const started: FakeContainer = {
      id: `container${this.#next++}`,
      name: container.name,
      state: "running",
      restarts,
      startedAt: this.now(),
      lines: ["starting"],
      files: new Set(),
      env,
    };
    pod.containers = [...pod.containers.filter(({ name }) => name !== container.name), started];
    const [what = "run", after = "0"] = (env[behaviour] ?? "run").split(":");
    if (what === "succeed") this.end(started, 0);
    else if (what === "fail") {
      started.lines.push("something broke");
      this.end(started, 3);
    } else if (what === "crash-after") setTimeout(() => this.end(started, 1), Number(after));
    this.tell();
  }

  end(container: FakeContainer, exitCode: number): void {
    if (container.state !== "running") return;
    Object.assign(container, { state: "exited", exitCode, finishedAt: this.now() });
    this.tell();
  }

  remove(id: string): void {
    this.pods.delete(id);
    this.tell();
  }

  container(id: string): FakeContainer | undefined {
    return [...this.pods.values()].flatMap((pod) => pod.containers).find((one) => one.id === id);
  }

  exec(id: string, [program, ...words]: readonly string[]): ExecResult {
    const container = this.container(id);
    if (container?.state !== "running") return { code: 126, output: "not running" };
    const file = words.at(-1) ?? "";
    if (program === "touch") container.files.add(file);
    else if (program === "rm") container.files.delete(file);
    else if (program === "cat") {
      const there = container.files.has(file);
      return { code: there ? 0 : 1, output: there ? "" : `cat: ${file}: no such file` };
    } else if (program === "false") return { code: 1, output: "" };
    return { code: 0, output: "" };
  }

  /** Tells watchers later, as events come. */
  tell(): void {
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener();
    });
  }
}
