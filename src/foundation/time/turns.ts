/** Milliseconds after which what waits for the next turn of the event loop is due, even if there was none yet. */
const long = 2;

let waiting: (() => void)[] = [];
let planned = false;
let running = false;
/** When it was first looked at what waits now; 0: not yet. */
let since = 0;

/**
 * Calls back in the next turn of the event loop, so that others go first. A turn may be long: libuv takes up to 48 times 1,024 ready
 * connections before it looks for anything else, which is seconds where a thread has too much to do. So whoever takes work of a turn
 * says so (`turnGoesOn`), and what waits gets its part of the thread even then.
 */
export function nextTurn(act: () => void): void {
  waiting.push(act);
  if (planned) return;
  planned = true;
  setImmediate(() => {
    planned = false;
    run();
  });
}

/** Resolves in the next turn of the event loop. Not that of `node:timers/promises`, which short commands would load for it alone. */
export function othersRun(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** More work of the same turn begins, from a place where anything may run. @param now in milliseconds, by any clock that is always the same. */
export function turnGoesOn(now: number): void {
  if (waiting.length === 0 || running) return;
  if (since === 0) since = now;
  else if (now - since > long) run();
}

/** What each of them asks for anew is for the turn after. */
function run(): void {
  const acts = waiting;
  waiting = [];
  since = 0;
  running = true;
  for (const act of acts) apart(act, setImmediate);
  running = false;
}

/**
 * What fails is nobody's but its own, neither the others' nor theirs who take work meanwhile: it is thrown where nobody stands.
 * @param later calls back in a later turn of the event loop.
 */
export function apart(act: () => void, later: (raise: () => void) => void): void {
  try {
    act();
  } catch (error) {
    later(() => {
      throw error;
    });
  }
}
