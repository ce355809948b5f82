const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
const form = /^(?:\d{1,5}(?:h|m|s|ms)){1,4}$/;

/**
 * A duration of the Gateway API (GEP-2257: `1h30m`, `10s`, `500ms`, `0s`) in milliseconds.
 * undefined where the text is not one.
 */
export function parseDuration(text: string): number | undefined {
  if (!form.test(text)) return undefined;
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)(ms|h|m|s)/g)) total += Number(digits) * (units[unit ?? ""] ?? 0);
  return total;
}
