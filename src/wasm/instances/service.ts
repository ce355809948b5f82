import type { BandstandError } from "../../foundation/errors/index.ts";
import type { Entered, TaskOwner } from "../async/index.ts";
import { Fields, Request, type Exchange, type Guest } from "../host/index.ts";
import type { Crew } from "./crew.ts";

/** A call that is under way, of a component or of one of several. */
export interface Working {
  readonly isOnStack: boolean;
  start(functions: Entered, ...args: number[]): void;
  cancel(): void;
  abandon(): void;
}

/** One of several calls of an instance. */
export interface Shared {
  /** Nobody waits for it any more, and it was asked to end long ago. */
  readonly isLingering: boolean;
  instanceEnds(): void;
  fell(): void;
}

export function lingers({ isLingering }: Shared): boolean {
  return isLingering;
}

/** Ends an instance where all calls of it linger: while another one is under way it goes on for that, and takes no further ones. */
export function endLingering(visits: Crew<Shared>, guest: Guest, reason: BandstandError): void {
  if (visits.size > 0 && !visits.some(({ isLingering }) => !isLingering)) guest.end(reason);
}

/**
 * Calls the handler. The request's own headers cannot be changed, as those of any message that exists.
 * @param guest whose handles the handler takes.
 */
export function startService(guest: Guest, task: Working, { request }: Exchange, functions: Entered): void {
  const made = new Request(Fields.received(request), request.body);
  made.method = request.method;
  made.target = request.target;
  made.scheme = request.scheme;
  made.authority = request.authority;
  const handle = guest.handles.add(made);
  task.start(functions, handle);
}

/** What a first request would do, as far as it goes without waiting. */
export function rehearseService(
  exchange: Exchange,
  { guest, service, task }: { guest: () => Guest; service: () => Entered; task: (owner: TaskOwner) => Working },
): void {
  const working = task({
    entering: nothing,
    left: () => guest().meter.pause(),
    returned: nothing,
    paused: nothing,
    ended: nothing,
  });
  const found = service();
  guest().entry = "rehearsal";
  startService(guest(), working, exchange, found);
  working.abandon();
}

function nothing(): void {}
