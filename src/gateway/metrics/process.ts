import type { MetricSnapshot } from "../../foundation/metrics/index.ts";

/** What only the main thread knows: its workers, and the process as a whole. */
export function processMetrics(ready: number, restarts: number): MetricSnapshot[] {
  const { user, system } = process.cpuUsage();
  return [
    one("gauge", "bandstand_workers", "Gateway workers that serve.", ready),
    one("counter", "bandstand_worker_restarts_total", "Gateway workers that ended and were replaced.", restarts),
    one("gauge", "bandstand_process_resident_memory_bytes", "Memory of the process in RAM.", process.memoryUsage.rss()),
    one("counter", "bandstand_process_cpu_seconds_total", "CPU time of the process.", (user + system) / 1e6),
  ];
}

function one(type: "gauge" | "counter", name: string, help: string, value: number): MetricSnapshot {
  return { name, help, type, aggregator: "sum", values: [{ labels: {}, value }] };
}
