import { Task, type Entered } from "../async/index.ts";
import { Fields, Request, type Exchange, type Guest } from "../host/index.ts";

interface Functions {
  start: (request: number) => unknown;
  callback: Entered["callback"];
}

/** Calls the handler. The request's own headers cannot be changed, as those of any message that exists. */
export function startService(guest: Guest, task: Task, { request }: Exchange, { start, callback }: Functions): void {
  const made = new Request(new Fields(request.headers, false, true), request.body);
  made.method = request.method;
  made.target = request.target;
  made.scheme = request.scheme;
  made.authority = request.authority;
  const handle = guest.handles.add(made);
  task.start({ start: () => start(handle), callback });
}

/** What a first request would do, as far as it goes without waiting. */
export function rehearseService(guest: Guest, exchange: Exchange, functions: () => Functions): void {
  const task = new Task(guest, {
    entering: nothing,
    left: () => guest.meter.pause(),
    returned: nothing,
    paused: nothing,
    ended: nothing,
  });
  const found = functions();
  guest.entry = "rehearsal";
  startService(guest, task, exchange, found);
  task.abandon();
}

function nothing(): void {}
