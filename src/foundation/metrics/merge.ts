import { AggregatorRegistry } from "prom-client";
import type { MetricSnapshot } from "./metrics.ts";

/** Prometheus' text form over the snapshots of all threads; counters and histograms are summed. */
export async function prometheusText(threads: MetricSnapshot[][]): Promise<string> {
  const filled = threads.map((thread) => thread.filter(({ values }) => values.length > 0));
  return AggregatorRegistry.aggregate(filled).metrics();
}
