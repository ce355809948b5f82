import type { Entered, TaskOwner } from "../async/index.ts";
import { Fields, Request, type Exchange, type Guest } from "../host/index.ts";
import type { Working } from "./shared.ts";

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
