const { hrtime } = process;
const [origin] = hrtime();

/**
 * Milliseconds by the monotonic clock since about the start of this thread: what `performance.now()` says, by a zero of its own.
 * A start need not make `performance` for it, for which Node loads ten modules in a millisecond.
 */
export function monotonic(): number {
  const time = hrtime();
  return (time[0] - origin) * 1000 + time[1] / 1e6;
}

/**
 * CPU time of this thread. Milliseconds, to the microsecond; asking takes two of these. Linux brings what it tells of a thread that runs up to date
 * with its scheduler's ticks (4 ms), but whoever asks for the time of the whole process has his own brought up to date at once.
 */
export function threadTime(): number {
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of Node's longest timer: one for more fires at once. */
export const longestTimer = 2 ** 31 - 1;
