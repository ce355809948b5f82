import type { Terminal } from "./terminal.ts";

/** Environment variable that tells a process that it is the one in the background. */
export const backgroundMark = "BANDSTAND_BACKGROUND";

/** What the process in the background tells the one that the user waits for. */
export type Told = { out: string } | { err: string } | { status: string } | { ready: true };

export function inBackground({ environment }: Pick<Terminal, "environment">): boolean {
  return environment[backgroundMark] === "1";
}

/** What it prints goes to the one who waits too, for as long as that one does. */
export function backgroundTerminal(terminal: Terminal): Terminal {
  if (!inBackground(terminal) || process.send === undefined) return terminal;
  // A process that reads nothing from its channel must not be kept by it.
  process.channel?.unref();
  const { ask: _, ...rest } = terminal;
  return {
    ...rest,
    out: (text) => (tell({ out: text }), terminal.out(text)),
    err: (text) => (tell({ err: text }), terminal.err(text)),
    status: (text) => tell({ status: text }),
  };
}

/** The one who waits need not any more. */
export function tellReady(terminal: Terminal): void {
  if (inBackground(terminal)) tell({ ready: true });
}

function tell(told: Told): void {
  if (process.connected) process.send?.(told, undefined, {}, () => {});
}
