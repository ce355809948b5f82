import { FileError, type NewTime } from "./contract.ts";

const nanoseconds = 1_000_000_000n;
/** Seconds that a number holds without loss. */
const mostSeconds = 2n ** 53n;

/**
 * A time in the form in which Node hands it on to the operating system, which is seconds as a floating point number.
 * Not a number is `UTIME_OMIT` there and infinity `UTIME_NOW`; Node lets them pass as a date and as text.
 */
export function nodeTime(time: NewTime): string | Date {
  if (time === "no-change") return new Date(Number.NaN);
  if (time === "now") return "Infinity";
  // As text, since Node takes negative numbers for the present.
  return String(secondsOf(time));
}

/**
 * The first number of seconds that is not before the time. In this century numbers lie 238 ns apart; whoever compares
 * milli- or microseconds afterwards would see a time that is rounded down in the unit before.
 */
function secondsOf(time: bigint): number {
  const whole = time / nanoseconds;
  if (whole >= mostSeconds || whole <= -mostSeconds) throw new FileError("overflow", "a time too far away");
  let seconds = Number(whole) + Number(time % nanoseconds) / 1e9;
  while (keptOf(seconds) < time) seconds = next(seconds);
  return seconds;
}

/** Whether a time comes to the operating system as it is. */
export function isKept(time: bigint): boolean {
  return keptOf(secondsOf(time)) === time;
}

/** Nanoseconds that become of seconds on the way to the operating system, where they are cut off. */
function keptOf(seconds: number): bigint {
  const whole = Math.trunc(seconds);
  return BigInt(whole) * nanoseconds + BigInt(Math.trunc((seconds - whole) * 1e9));
}

/** The next greater number. */
function next(number: number): number {
  if (number === 0) return Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  view.setBigInt64(0, view.getBigInt64(0) + (number > 0 ? 1n : -1n));
  return view.getFloat64(0);
}
