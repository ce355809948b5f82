import type { Case } from "./cases.ts";
import type { Load } from "./load.ts";
import type { Comparison } from "./measures.ts";

/** One case in one round. */
export interface Figure extends Load {
  name: string;
  round: number;
  /** CPU time of the server a request, user and system. */
  cpuMicroseconds: number;
  memoryBytes: number;
}

/**
 * The table of medians; ratios are taken round by round, then the median of those. What a case reaches is judged by CPU time: it
 * is what one core can give, while the throughput may be the load's, which has one core too.
 */
export function report(cases: Case[], figures: Figure[]): string {
  const rows = [["case", "req/s", "CPU µs", "p50 ms", "p99 ms", "MiB", "failed", "req/s ratio", "by CPU", "reach", ""]];
  for (const entry of cases) {
    const own = figures.filter((figure) => figure.name === entry.name);
    if (own.length === 0) continue;
    const pairs = own.flatMap((figure) => {
      const base = figures.find((other) => other.name === entry.against && other.round === figure.round);
      return base === undefined ? [] : [{ figure, base }];
    });
    const ratio = median(pairs.map(({ figure, base }) => figure.perSecond / base.perSecond));
    const byCpu = median(pairs.map(({ figure, base }) => base.cpuMicroseconds / figure.cpuMicroseconds));
    const of = (pick: (figure: Figure) => number): number => median(own.map(pick));
    rows.push([
      entry.name,
      of((f) => f.perSecond).toFixed(0),
      of((f) => f.cpuMicroseconds).toFixed(1),
      of((f) => f.p50).toFixed(2),
      of((f) => f.p99).toFixed(2),
      of((f) => f.memoryBytes / 2 ** 20).toFixed(0),
      String(own.reduce((sum, f) => sum + f.failed, 0)),
      `${ratio.toFixed(2)} × ${entry.against}`,
      byCpu.toFixed(2),
      entry.reach === undefined ? "" : `≥ ${entry.reach}`,
      entry.reach === undefined ? "" : byCpu >= entry.reach ? "reached" : "MISSED",
    ]);
  }
  return aligned(rows);
}

/** What is measured once: own figure, the other one, their ratio. */
export function reportComparisons(comparisons: (Comparison & { name: string })[]): string {
  const rows = [["measure", "figure", "own", "other", "ratio", "reach", ""]];
  for (const { name, figure, own, base, against, reach } of comparisons) {
    const ratio = own / base;
    rows.push([
      name,
      figure,
      own.toFixed(0),
      base.toFixed(0),
      `${ratio.toFixed(2)} × ${against}`,
      reach === undefined ? "" : `≥ ${reach.toFixed(2)}`,
      reach === undefined ? "" : ratio >= reach ? "reached" : "MISSED",
    ]);
  }
  return aligned(rows);
}

function aligned(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
