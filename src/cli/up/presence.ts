import { AdminServer } from "../../gateway/admin/index.ts";
import { ChangingCallbacks, startingCallbacks } from "../../node/admin/index.ts";
import type { SiteState } from "../../node/state/index.ts";
import type { UpCall } from "../commands/up.ts";
import { inBackground } from "../terminal/background.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { adminAddress } from "./admin-address.ts";
import type { StopWish } from "./signals.ts";

/**
 * Shows that this process serves the site, from the moment that it may: `status` and `down` reach it also while it
 * builds for minutes. The caller holds the lock from `open` to `close`.
 */
export class Presence {
  readonly callbacks: ChangingCallbacks;
  readonly #state: SiteState;
  readonly #server: AdminServer;
  readonly #detached: boolean;
  #opened = false;

  constructor(state: SiteState, flags: UpCall["flags"], stop: StopWish, terminal: Terminal) {
    this.#state = state;
    this.#detached = inBackground(terminal);
    this.callbacks = new ChangingCallbacks(startingCallbacks((request) => stop.wish(request)));
    const tcp = flags.admin === undefined ? {} : { tcp: adminAddress(flags.admin) };
    this.#server = new AdminServer({ socketPath: state.at("admin"), callbacks: this.callbacks, ...tcp });
  }

  /** Throws `environment` or `port-in-use`. */
  async open(): Promise<void> {
    this.#opened = true;
    await this.#state.writeProcess({
      pid: process.pid,
      detached: this.#detached,
      started: new Date().toISOString(),
    });
    await this.#server.open();
  }

  async close(): Promise<void> {
    if (!this.#opened) return;
    await this.#server.close();
    await this.#state.removeProcess();
  }
}
