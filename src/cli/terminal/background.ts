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

const underWay = new Set<Promise<void>>();

/** Whether something that was told is not with the one who waits yet. */
export function tells(): boolean {
  return underWay.size > 0;
}

/** Until all that was told is with the one who waits, or that one has gone. */
export async function allTold(): Promise<void> {
  await Promise.all(underWay);
}

function tell(told: Told): void {
  if (!process.connected) return;
  const sent = new Promise<void>((resolve) => process.send?.(told, undefined, {}, () => resolve()));
  underWay.add(sent);
  void sent.then(() => underWay.delete(sent));
}
