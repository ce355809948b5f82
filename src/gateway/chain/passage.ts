import type { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse, Pending, RawHeaders, RequestContext } from "../../foundation/http/index.ts";
import type { Share } from "../../foundation/time/shares.ts";
import type { MatchPlan } from "../../model/plan/index.ts";
import { Exchange } from "../listener/exchange.ts";
import { withoutHopByHop } from "../http1/hop-by-hop.ts";
import type { Allowance } from "./deadline.ts";

/** A step of a compiled chain: filters, and behind them a backend. Throws a BandstandError for what the gateway answers. */
export type Stage = (request: HttpRequest, passage: Passage) => HttpResponse | Pending<HttpResponse>;

/** What a part of the way can be ended by. */
export interface Ending {
  readonly aborted: boolean;
  onAbort(listener: (reason: BandstandError) => void): void;
}

/** One request on its way through a chain. Stages may change the request they are given: it is theirs. */
export class Passage implements RequestContext {
  readonly exchange: Exchange;
  /** The port that the client connected to. */
  readonly port: number;
  /** The path condition that matched. */
  readonly path: MatchPlan["path"];
  /** The backend that was chosen, for log and metrics. */
  backend = "";
  /** In: the endpoint that a session wants. Out: the endpoint that answered. */
  endpoint: string | undefined;
  /** How often `retry` has sent the request before. */
  attempt = 0;
  /** Where it counts what it has of the thread. */
  share: Share | undefined = undefined;
  /** The time that the rule allows, where it began while the request waited for its turn. */
  allowance: Allowance | undefined = undefined;
  /** Ends this part of the way: the whole exchange, or less where a stage is bounded in time. */
  readonly #cancel: Ending;

  constructor(exchange: Exchange, port: number, path: MatchPlan["path"], cancel: Ending = exchange) {
    this.exchange = exchange;
    this.port = port;
    this.path = path;
    this.#cancel = cancel;
  }

  get id(): string {
    return this.exchange.id;
  }

  get remoteAddress(): string {
    return this.exchange.remoteAddress;
  }

  /** For whom the request is. */
  get holder(): Exchange {
    return this.exchange;
  }

  get broken(): BandstandError | undefined {
    return this.exchange.broken;
  }

  broke(error: BandstandError): void {
    this.exchange.broke(error);
  }

  get aborted(): boolean {
    return this.#cancel.aborted;
  }

  onAbort(listener: (reason: BandstandError) => void): void {
    this.#cancel.onAbort(listener);
  }

  /** An informational response of the backend goes to the client at once; nothing in the chain changes it. */
  inform(status: number, headers: RawHeaders): void {
    const { exchange } = this;
    exchange.informant?.inform(exchange, status, withoutHopByHop(headers));
  }

  /** The same passage for a part of the way that can end earlier. */
  within(cancel: Ending): Passage {
    const passage = new Passage(this.exchange, this.port, this.path, cancel);
    passage.endpoint = this.endpoint;
    passage.attempt = this.attempt;
    passage.share = this.share;
    return passage;
  }

  /** Takes over what a part of the way found out. */
  learn(part: Passage): void {
    this.backend = part.backend;
    this.endpoint = part.endpoint;
  }

  /** The passage for a context that a component handed on to the next stage: its own end counts too. */
  under(context: RequestContext): Passage {
    return context === this ? this : this.within(new Either(this, context));
  }
}

/** The end of either, whichever comes first. Joined when somebody asks, which nobody does who answers at once. */
class Either implements Ending {
  readonly #one: Passage;
  readonly #other: RequestContext;
  #joined: Exchange | undefined;

  constructor(one: Passage, other: RequestContext) {
    this.#one = one;
    this.#other = other;
  }

  get aborted(): boolean {
    return this.#join().aborted;
  }

  onAbort(listener: (reason: BandstandError) => void): void {
    this.#join().onAbort(listener);
  }

  #join(): Exchange {
    if (this.#joined !== undefined) return this.#joined;
    const joined = (this.#joined = new Exchange(this.#one.remoteAddress, this.#one.exchange.started));
    this.#one.onAbort((reason) => joined.abort(reason));
    this.#other.onAbort((reason) => joined.abort(reason));
    return joined;
  }
}
