import { z } from "zod";
import { parseDuration } from "../value/duration.ts";
import { parseQuantity } from "../value/quantity.ts";
import { usualCounts } from "../plan/component.ts";
import { closed } from "./fields.ts";

const KiB = 1024;
const GiB = 1024 ** 3;

function bytes(preset: string, least: number, most: number, range: string) {
  return z
    .union([z.string(), z.number()])
    .transform((value, context) => {
      const size = parseQuantity(value);
      if (size !== undefined && size >= least && size <= most) return Math.ceil(size);
      context.addIssue({ code: "custom", message: `a size from ${range}` });
      return z.NEVER;
    })
    .prefault(preset);
}

/** A duration in milliseconds once parsed. `range` completes "expected …". */
export function millisecondsIn(least: number, most: number, range: string) {
  return z.string().transform((value, context) => {
    const time = parseDuration(value);
    if (time !== undefined && time >= least && time <= most) return time;
    context.addIssue({ code: "custom", message: range });
    return z.NEVER;
  });
}

const guestTime = () => millisecondsIn(1, 3_600_000, "a duration from 1ms to 1h, such as 50ms or 30s");

function count(least: number, most: number) {
  return z
    .int({ error: `a whole number from ${least} to ${most}` })
    .min(least)
    .max(most);
}

/** Limits of a guest: bytes and milliseconds once parsed, complete with defaults. */
export const limits = closed({
  memory: bytes("128Mi", 64 * KiB, 4 * GiB, "64Ki (one page) to 4Gi (what 32-bit Wasm can address)"),
  cpu: guestTime().prefault("50ms"),
  wall: guestTime().prefault("30s"),
  requestBody: bytes("10Mi", 0, 16 * GiB, "0 to 16Gi"),
  responseBody: bytes("10Mi", 0, 16 * GiB, "0 to 16Gi"),
  concurrency: count(1, 100_000).default(usualCounts.concurrency),
  queue: count(0, 1_000_000).default(usualCounts.queue),
  resources: count(16, 1_000_000).default(usualCounts.resources),
  headers: count(1, 100_000).default(usualCounts.headers),
  headerBytes: bytes("128Ki", KiB, 16 * 1024 * KiB, "1Ki to 16Mi"),
  log: bytes("64Ki", 0, GiB, "0 to 1Gi"),
});
