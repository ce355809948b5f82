import { BandstandError } from "../../../foundation/errors/index.ts";
import type { Handler, HttpRequest, HttpResponse, Pending, RequestContext } from "../../../foundation/http/index.ts";
import type { Guest } from "../guest.ts";
import type { Journal } from "../journal.ts";
import { Backlog } from "./backlog.ts";
import type { Writer } from "./content.ts";
import type { OnwardContext } from "./context.ts";
import type { OutgoingResponse } from "./resources.ts";

/** Something that must not outlive the request it was opened for. */
export interface Closing {
  close(reason: BandstandError): void;
}

/** What was sent, and cannot be taken back. */
export interface Sent {
  context: OnwardContext;
  response: HttpResponse | Pending<HttpResponse>;
  /** Called once nothing of it is under way any more. */
  over: () => void;
}

/** One request in the hands of a guest, and what it made of it so far. */
export class Exchange implements Writer {
  readonly request: HttpRequest;
  readonly context: RequestContext;
  /** The next stage, where the component is a middleware. */
  readonly next: Handler | undefined;
  /** It may be called once. */
  nextCalled = false;
  /** What came of that call, which is made once even where the guest begins again. */
  onward: Sent | undefined;
  /** Outgoing requests so far. */
  sent = 0;
  /** What the guest answered. */
  answer: OutgoingResponse | BandstandError | undefined;
  /** The guest ended itself, and well (`wasi:cli/exit`): what it answered before is its answer, as if it had returned. */
  left = false;
  /** Why the request must be refused, whatever the guest makes of it: it is too large. */
  refused: BandstandError | undefined;
  /** What the guest was given that may be different another time, where it may have to begin again. */
  journal: Journal | undefined;
  readonly #guest: Guest;
  #pending: (() => void)[] | undefined;
  #read = 0;
  #written = 0;
  #backlog: Backlog | undefined;
  #open: Set<Closing> | undefined;
  #ended: BandstandError | undefined;

  constructor(guest: Guest, request: HttpRequest, context: RequestContext, next: Handler | undefined) {
    this.#guest = guest;
    this.request = request;
    this.context = context;
    this.next = next;
  }

  /** A body of this request broke while the guest read it: where a server did that, it is not the guest who is to blame. */
  unread(failure: unknown): void {
    if (failure instanceof BandstandError && failure.code.startsWith("backend-")) this.context.broke?.(failure);
  }

  /** The same request for a guest that begins again: what was done already is not done twice. */
  again(): Exchange {
    const fresh = new Exchange(this.#guest, this.request, this.context, this.next);
    fresh.#open = this.#open;
    fresh.onward = this.onward;
    fresh.journal = this.journal;
    fresh.journal?.rewind();
    return fresh;
  }

  notify(): void {
    this.#guest.notify();
  }

  /** Counts what the guest itself writes of its response. */
  wrote(bytes: number): void {
    this.#written += bytes;
    const limit = this.#guest.component.plan.limits.responseBody;
    if (this.#written <= limit) return;
    throw this.#guest.fail("component-body-limit", `wrote more than ${limit} bytes as the body of its response`);
  }

  /** What it wrote and nobody has taken yet, of all its bodies. */
  get backlog(): Backlog {
    return (this.#backlog ??= new Backlog());
  }

  /** Counts what the guest itself writes of one request that it sends. A command sends for nobody but itself. */
  sending(notify = nothing): Writer {
    let written = 0;
    const limit = this.#guest.command === undefined ? this.#guest.component.plan.limits.requestBody : Infinity;
    const wrote = (bytes: number): void => {
      if ((written += bytes) <= limit) return;
      throw this.#guest.fail("component-body-limit", `wrote more than ${limit} bytes as the body of a request`);
    };
    return { notify, wrote, backlog: this.backlog };
  }

  /** The guest may read a body of so many bytes. */
  mayTake(bytes: number): boolean {
    return bytes <= this.#guest.component.plan.limits.requestBody;
  }

  /** Counts what the guest takes in of the request; answers why it gets no more. */
  took(bytes: number): BandstandError | undefined {
    this.#read += bytes;
    const limit = this.#guest.component.plan.limits.requestBody;
    if (this.#read <= limit) return undefined;
    const refused = new BandstandError(
      "request-too-large",
      `the request's body is larger than the ${limit} bytes that are taken here`,
    );
    // What is on its way already must not look whole: many a guest takes what is wrong with a body for the end of it.
    if (!(this.answer instanceof BandstandError)) this.answer?.content?.break(refused);
    return (this.refused = refused);
  }

  /** The next stage failed: a body that is too large for it is refused as one that is too large for the guest. */
  nextFailed(error: unknown): void {
    if (error instanceof BandstandError && error.code === "request-too-large") this.refused ??= error;
  }

  /** Keeps something to send until its body is complete, or until the guest waits. */
  sendLater(send: () => void): void {
    if (this.#pending === undefined) this.#pending = [send];
    else this.#pending.push(send);
  }

  /** Sends what was kept; answers whether there was anything. */
  sendPending(): boolean {
    const pending = this.#pending;
    if (pending === undefined) return false;
    this.#pending = undefined;
    for (const send of pending) send();
    return true;
  }

  /** Has something closed at the end of the request, or now where that is past. */
  keep(thing: Closing): void {
    if (this.#ended !== undefined) thing.close(this.#ended);
    else if (this.#open === undefined) this.#open = new Set([thing]);
    else this.#open.add(thing);
  }

  /** It is over by itself. A command may have thousands, one after the other. */
  release(thing: Closing): void {
    this.#open?.delete(thing);
  }

  /** What would have to be closed now. */
  get open(): number {
    return this.#open?.size ?? 0;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Nothing of this request goes on: neither what it sent nor what it reads. */
  end(reason: BandstandError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) for (const thing of open) thing.close(reason);
  }
}

function nothing(): void {}
