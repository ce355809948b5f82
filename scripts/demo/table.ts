/** Rows under a head, in columns as wide as their longest cell; the last one is cut to the terminal's width. */
export function table(head: string[], rows: string[][], width = process.stdout.columns ?? Infinity): string {
  const all = [head, ...rows];
  const widths = head.map((_, index) => Math.max(...all.map((row) => (row[index] ?? "").length)));
  const line = (row: string[]): string => {
    const text = head.map((_, index) => (row[index] ?? "").padEnd(widths[index] ?? 0)).join("  ");
    return text.trimEnd().slice(0, Math.max(width, 80));
  };
  return [
    line(head),
    widths
      .map((each) => "─".repeat(each))
      .join("  ")
      .slice(0, Math.max(width, 80)),
    ...rows.map(line),
  ].join("\n");
}
