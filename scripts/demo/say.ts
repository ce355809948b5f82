/** Progress and results for a person, on stderr and stdout. */
export function say(text: string): void {
  process.stderr.write(`demo: ${text}\n`);
}

export function show(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Does what may take long and says, every 15 s, that it goes on. */
export async function patiently<T>(title: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const reminder = setInterval(() => say(`  … ${title}, ${seconds(started)} so far`), 15_000);
  try {
    return await work();
  } finally {
    clearInterval(reminder);
  }
}

export function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/** Asks again and again until the answer is not undefined. Throws with `what` after `milliseconds`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  milliseconds: number,
  pause = 100,
): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${milliseconds / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
