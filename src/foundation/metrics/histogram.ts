import type { MetricSnapshot, MetricSource } from "./metrics.ts";

/** Seconds, from a component's hello to a slow upload. */
export const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One distribution behind one set of label values. */
export class Distribution {
  readonly #bounds: readonly number[];
  /** One more than bounds: the last takes what is above all of them. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] as number)) index++;
    this.counts[index] = (this.counts[index] as number) + 1;
    this.sum += value;
  }
}

/** Histograms of one name, by their labels. */
export class Distributions implements MetricSource {
  readonly #name: string;
  readonly #help: string;
  readonly #labels: readonly string[];
  readonly #bounds: readonly number[];
  readonly #children = new Map<string, { labels: Record<string, string>; distribution: Distribution }>();

  constructor(name: string, help: string, labels: readonly string[], bounds: readonly number[] = durationBuckets) {
    this.#name = name;
    this.#help = help;
    this.#labels = labels;
    this.#bounds = bounds;
  }

  of(...values: string[]): Distribution {
    const key = values.join("\0");
    let child = this.#children.get(key);
    if (child === undefined) {
      const labels = Object.fromEntries(this.#labels.map((label, index) => [label, values[index] ?? ""]));
      child = { labels, distribution: new Distribution(this.#bounds) };
      this.#children.set(key, child);
    }
    return child.distribution;
  }

  snapshot(): MetricSnapshot {
    const values: MetricSnapshot["values"] = [];
    for (const { labels, distribution } of this.#children.values()) {
      let count = 0;
      distribution.counts.forEach((here, index) => {
        count += here;
        const le = this.#bounds[index] ?? "+Inf";
        values.push({ labels: { ...labels, le }, value: count, metricName: `${this.#name}_bucket` });
      });
      values.push({ labels, value: distribution.sum, metricName: `${this.#name}_sum` });
      values.push({ labels, value: count, metricName: `${this.#name}_count` });
    }
    return { name: this.#name, help: this.#help, type: "histogram", aggregator: "sum", values };
  }
}
