import { openFiles } from "../../../foundation/process/open-files.ts";
import { clientIn, type Holder } from "./holder.ts";

/** WebSockets of one thread, however many files there may be. */
const most = 16_384;
/** Of the files that the process may open: clients' connections have 60 %. */
const share = 0.25;
/** Of the WebSockets, what one client may have once half of them are taken. */
const ofOne = 0.25;

/** WebSockets of one thread to all backends. They are in no pool; but by HTTP/2 a client needs one connection for a hundred. */
export class Tunnels {
  readonly #most: number;
  readonly #held = new Map<object, string>();

  constructor(tunnels: number) {
    this.#most = tunnels;
  }

  /** Whether a client may have one more. */
  admits(holder: Holder | undefined): boolean {
    const { size } = this.#held;
    if (size * 2 < this.#most) return true;
    if (size >= this.#most) return false;
    const client = clientIn(holder);
    let own = 0;
    for (const one of this.#held.values()) if (one === client) own++;
    return own < this.#most * ofOne;
  }

  begin(tunnel: object, holder: Holder | undefined): void {
    this.#held.set(tunnel, clientIn(holder));
  }

  /** Nothing where it is none. */
  end(tunnel: object): void {
    this.#held.delete(tunnel);
  }
}

/** WebSockets that each of so many threads may have. */
export function tunnelsFor(workers: number, files: number = openFiles()): number {
  return Math.max(64, Math.min(most, Math.floor((files * share) / workers)));
}
