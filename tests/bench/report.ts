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
  /** Cores that neither the server nor the load nor the backend had: other programs, and other virtual machines. */
  others: number;
}

/** Beyond so many cores of others a figure is disturbed. */
const disturbing = 0.2;

/**
 * The table of medians; ratios are taken round by round, then the median of those. What a case reaches is judged by CPU time: it
 * is what one core can give, while the throughput may be the load's, which has one core too.
 */
export function report(cases: Case[], figures: Figure[]): string {
  const rows = [
    ["case", "req/s", "CPU µs", "p50 ms", "p99 ms", "MiB", "failed", "others", "req/s ratio", "by CPU", "reach", ""],
  ];
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
      of((f) => f.others).toFixed(2),
      `${ratio.toFixed(2)} × ${entry.against}`,
      byCpu.toFixed(2),
      entry.reach === undefined ? "" : `≥ ${entry.reach}`,
      entry.reach === undefined ? "" : byCpu >= entry.reach ? "reached" : "MISSED",
    ]);
  }
  return aligned(rows);
}

/**
 * What must be so many times as fast as a peer with the same component, by CPU time a request: round by round, then the median. Empty where no such
 * peer was measured.
 */
export function reportBeside(cases: Case[], figures: Figure[]): string {
  const rows = [["case", "CPU µs", "its", "beside", "by CPU", "of rounds", "reach", ""]];
  for (const { name, beside = [] } of cases) {
    for (const peer of beside) {
      const pairs = figures.flatMap((own) => {
        const base = figures.find((other) => other.name === peer.name && other.round === own.round);
        return own.name !== name || base === undefined ? [] : [{ own, base }];
      });
      if (pairs.length === 0) continue;
      const ratios = pairs.map(({ own, base }) => base.cpuMicroseconds / own.cpuMicroseconds);
      const ratio = median(ratios);
      rows.push([
        name,
        median(pairs.map(({ own }) => own.cpuMicroseconds)).toFixed(1),
        median(pairs.map(({ base }) => base.cpuMicroseconds)).toFixed(1),
        peer.name,
        `${ratio.toFixed(2)} ×`,
        `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
        `≥ ${peer.reach}`,
        ratio >= peer.reach ? "reached" : "MISSED",
      ]);
    }
  }
  return rows.length === 1 ? "" : aligned(rows);
}

/** Says which figures others disturbed, if any: they had cores that the bench needs, and what is in caches is theirs too. */
export function reportNoise(figures: Figure[]): string {
  const disturbed = figures.filter(({ others }) => others > disturbing);
  if (disturbed.length === 0)
    return `others had ${median(figures.map(({ others }) => others)).toFixed(2)} cores meanwhile`;
  const names = [...new Set(disturbed.map(({ name, round }) => `${name} (round ${round})`))];
  return `DISTURBED: others had more than ${disturbing} cores meanwhile: ${names.join("; ")}`;
}

/** Cases that missed what they must reach, of what was measured. */
export function missed(cases: Case[], figures: Figure[]): Case[] {
  const byCpu = (entry: Case, against: string): number => {
    const ratios = figures.flatMap((own) => {
      const base = figures.find(({ name, round }) => name === against && round === own.round);
      return own.name !== entry.name || base === undefined ? [] : [base.cpuMicroseconds / own.cpuMicroseconds];
    });
    return ratios.length === 0 ? Number.POSITIVE_INFINITY : median(ratios);
  };
  return cases.filter(
    (entry) =>
      byCpu(entry, entry.against) < (entry.reach ?? 0) ||
      (entry.beside ?? []).some(({ name, reach }) => byCpu(entry, name) < reach),
  );
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
