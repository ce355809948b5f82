/** One metric at one moment, as plain data: threads send these to the one that is asked. The form is prom-client's. */
export interface MetricSnapshot {
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
  aggregator: "sum" | "max";
  values: { labels: Record<string, string | number>; value: number; metricName?: string }[];
}

/** Something that can be read as snapshots. */
export interface MetricSource {
  snapshot(): MetricSnapshot;
}

/** One number behind one set of label values. Hot paths keep it and add to it: no look-up a request. */
export class Tally {
  value = 0;

  add(amount = 1): void {
    this.value += amount;
  }
}

/** Counters or gauges of one name, by their labels. */
export class Tallies implements MetricSource {
  readonly #definition: Omit<MetricSnapshot, "values">;
  readonly #labels: readonly string[];
  readonly #children = new Map<string, { labels: Record<string, string>; tally: Tally }>();

  constructor(type: "counter" | "gauge", name: string, help: string, labels: readonly string[] = []) {
    this.#definition = { name, help, type, aggregator: "sum" };
    this.#labels = labels;
  }

  /** The tally for these label values, in the order of the labels. */
  of(...values: string[]): Tally {
    const key = values.join("\0");
    let child = this.#children.get(key);
    if (child === undefined) {
      const labels = Object.fromEntries(this.#labels.map((label, index) => [label, values[index] ?? ""]));
      child = { labels, tally: new Tally() };
      this.#children.set(key, child);
    }
    return child.tally;
  }

  /** Forgets all label values: what is not said again is not there any more. For gauges that are read at once. */
  reset(): void {
    this.#children.clear();
  }

  snapshot(): MetricSnapshot {
    const values = [...this.#children.values()].map(({ labels, tally }) => ({ labels, value: tally.value }));
    return { ...this.#definition, values };
  }
}
