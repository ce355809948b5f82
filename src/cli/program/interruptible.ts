import { stopSignals } from "./stop-signals.ts";

/**
 * Work that leaves nothing behind where somebody ends it: a signal aborts it, and when it has ended (its temporary files
 * removed, its compilers stopped) this process ends by the same signal, as its caller expects. A second signal ends it at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const wish = new AbortController();
  let by: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    by = signal;
    for (const name of stopSignals) process.off(name, onSignal);
    wish.abort();
  };
  for (const name of stopSignals) process.on(name, onSignal);
  try {
    return await work(wish.signal);
  } finally {
    for (const name of stopSignals) process.off(name, onSignal);
    if (by !== undefined) process.kill(process.pid, by);
  }
}
