import type { MetricSnapshot } from "./metrics.ts";

/** Prometheus' text form over the snapshots of all threads; counters and histograms are summed. */
export async function prometheusText(threads: MetricSnapshot[][]): Promise<string> {
  // Loaded by who asks for metrics, and not by every thread that counts.
  const { AggregatorRegistry } = await import("prom-client");
  const filled = threads.map((thread) => thread.filter(({ values }) => values.length > 0));
  return AggregatorRegistry.aggregate(filled).metrics();
}
