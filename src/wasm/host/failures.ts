import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { RequestContext } from "../../foundation/http/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import { monotonic } from "../../foundation/time/clock.ts";

/** Lines in a second on a thread, and refused targets and stores in all; what is counted but not listed stands in the metrics as everything does. */
const most = 50;

/**
 * Failed requests of one component in the log. Clients decide how many there are: whoever finds a request that a component
 * traps at must not be able to fill the disk with it. So it is so many a second, and how many more there were.
 */
export class FailureLog {
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #refused = new Set<string>();
  #second = 0;
  #lines = 0;

  /** @param now milliseconds. */
  constructor(logger: Logger, now: () => number = () => monotonic()) {
    this.#logger = logger;
    this.#now = now;
  }

  failed(failure: BandstandError, request: Pick<RequestContext, "id" | "broken">): void {
    // A guest whose request breaks off has no answer, or answers that it has none.
    const helpless = failure.code === "component-no-answer" || !failure.code.startsWith("component-");
    const { code, message } = (helpless && request.broken) || failure;
    // That a client went, or sent less than it said, is no news of the component.
    const isClients = code === "client-gone" || code === "client-stalled" || code === "request-malformed";
    if (!isClients && !this.#mayBeListed()) return;
    this.#logger.log(isClients ? "debug" : "warn", `a request failed: ${message}`, { code, request: request.id });
  }

  /**
   * A request of the component itself that failed. One that it may not send is news for who wrote its capabilities: the guest
   * only knows that it was refused. Each is told once, since whom it asks, and how often, is the guest's to decide.
   */
  unsent(error: unknown): void {
    const isRefused = error instanceof BandstandError && error.code === "component-denied";
    if (isRefused && this.#refuse("a request of a component was refused", error.message, error.remedy)) return;
    this.#logger.debug("a request of a component failed", { error: messageOf(error) });
  }

  /** A key-value store that the component may not open; told as what it may not send is. */
  unopened(store: string): void {
    const told = `it may not open the key-value store "${store}"`;
    const remedy =
      "List it under spec.capabilities.keyValue of the WasmComponent, or with --keyvalue of serve and run.";
    this.#refuse("a key-value store was refused to a component", told, remedy);
  }

  /** Sockets, which components that are served do not have; told as what it may not send is. */
  unconnected(): void {
    const told = "components that are served have no sockets";
    const remedy = "Let it send requests by wasi:http, or run it as a command: bandstand run --net.";
    this.#refuse("sockets were refused to a component", told, remedy);
  }

  /** Answers whether it was news. */
  #refuse(message: string, told: string, remedy: string | undefined): boolean {
    if (this.#refused.has(told) || this.#refused.size >= most) return false;
    this.#refused.add(told);
    this.#logger.warnOnce(message, { error: told, ...(remedy && { remedy }) });
    return true;
  }

  #mayBeListed(): boolean {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) this.#begin(second);
    // Said at once too: perhaps no request ever fails again.
    if (++this.#lines === most + 1) {
      this.#logger.warn("many requests of a component fail: the rest of this second's are not listed");
    }
    return this.#lines <= most;
  }

  #begin(second: number): void {
    const more = this.#lines - most;
    this.#second = second;
    this.#lines = 0;
    if (more > 0) this.#logger.warn("failed requests of a component were not listed", { requests: more });
  }
}
