import { performance } from "node:perf_hooks";
import type { BandstandError } from "../../foundation/errors/index.ts";
import type { Asked } from "../listener/asked.ts";
import type { Exchange } from "../listener/exchange.ts";
import type { Records } from "./serve.ts";

/** Lines in the access log, on one worker: what is no request costs its sender next to nothing. */
const mostInSecond = 100;

/** Of what nobody serves, so much is told. Characters. */
const longest = 256;

/** Requests that could not be read, or not be begun: no route knows of them, so they are counted and written down here. */
export class Refusals {
  readonly #records: Records;
  #second = 0;
  #written = 0;

  constructor(records: Records) {
    this.#records = records;
  }

  add(error: BandstandError, exchange: Exchange, asked: Asked = nothing): void {
    const { metrics, accessLog } = this.#records;
    const { status, code } = error;
    metrics.answered("", "", status, 0);
    if (!accessLog.wants(status, code)) return;
    const now = performance.now();
    if (!this.#mayWrite(now)) return void metrics.accessLost.add(1);
    // The log writes a method as it is.
    const method = /^[A-Z][A-Z-]{0,31}$/.test(asked.method) ? asked.method : "";
    const [authority, target] = [asked.authority.slice(0, longest), asked.target.slice(0, longest)];
    const { remoteAddress: remote, started } = exchange;
    const line = { method, authority, target, status, route: "", backend: "", error: code };
    accessLog.add({ named: exchange, remote, ended: now, duration: now - started, ...line });
  }

  #mayWrite(now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#written = 0;
    }
    return this.#written++ < mostInSecond;
  }
}

const nothing: Asked = { method: "", authority: "", target: "" };
