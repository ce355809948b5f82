import type { LogLine } from "../../foundation/log/index.ts";

/** The last log lines of every component, for `logs`; bounded, so that a guest that writes for ever only loses lines. */
export class LogBuffer {
  readonly #lines = new Map<string, LogLine[]>();
  readonly #readers = new Set<(component: string, line: LogLine) => void>();
  readonly #limit: number;

  /** @param limit lines that are kept of each component, and that wait for one reader. */
  constructor(limit = 1000) {
    this.#limit = limit;
  }

  /** Keeps a line that says of which component it is; others are not for this. */
  add(line: LogLine): void {
    const component = line.fields["component"];
    if (typeof component !== "string") return;
    const lines = this.#lines.get(component) ?? [];
    this.#lines.set(component, lines);
    lines.push(line);
    // Not one by one: removing the first of a long array moves all others.
    if (lines.length > this.#limit * 1.5) lines.splice(0, lines.length - this.#limit);
    for (const reader of this.#readers) reader(component, line);
  }

  /** Forgets the components that are not named. */
  keep(components: ReadonlySet<string>): void {
    for (const id of this.#lines.keys()) if (!components.has(id)) this.#lines.delete(id);
  }

  /** The last lines of a component, then on as they come if `follow`, until the signal aborts. */
  async *read(
    component: string,
    { tail, follow, signal }: { tail: number; follow: boolean; signal: AbortSignal },
  ): AsyncGenerator<LogLine> {
    const waiting = this.#tail(component, tail);
    let wake = (): void => {};
    // A reader that is slower than a guest loses lines, not our memory.
    const reader = (from: string, line: LogLine): void => {
      if (from !== component || waiting.length >= 2 * this.#limit) return;
      waiting.push(line);
      wake();
    };
    const stop = (): void => wake();
    signal.addEventListener("abort", stop);
    if (follow) this.#readers.add(reader);
    try {
      while (!signal.aborted) {
        const line = waiting.shift();
        if (line !== undefined) yield line;
        else if (!follow) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#readers.delete(reader);
      signal.removeEventListener("abort", stop);
    }
  }

  #tail(component: string, count: number): LogLine[] {
    const lines = this.#lines.get(component) ?? [];
    const wanted = Number.isFinite(count) ? Math.max(0, Math.min(count, this.#limit)) : this.#limit;
    return wanted === 0 ? [] : lines.slice(-wanted);
  }
}
