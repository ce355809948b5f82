import { Task, type Entered } from "../async/index.ts";
import { answerOf, Meter, Request, type Exchange, type Guest, type Response } from "../host/index.ts";
import { Fields } from "../host/index.ts";
import type { BandstandError } from "../../foundation/errors/index.ts";

interface Functions {
  start: (request: number) => unknown;
  callback: Entered["callback"];
}

/** Who hears of a call of an asynchronous handler. */
export interface Caller {
  answered(answer: Response | BandstandError): void;
  paused(): void;
  ended(thrown: { error: unknown } | undefined): void;
}

/** A call of a handler of WASI 0.3 with the request of an exchange; `start` it. */
export function serviceTask(guest: Guest, exchange: Exchange, caller: Caller): Task {
  // Calls that share an instance have a limit each.
  const meter = guest.component.plan.isolation === "reuse" ? new Meter() : guest.meter;
  meter.start(guest.component.plan.limits.cpu);
  const onReturn: Guest["onReturn"] = (memory, values) => caller.answered(answerOf(guest, memory, values));
  const onPause = (): void => caller.paused();
  return new Task(guest, {
    entering: () => {
      guest.exchange = exchange;
      guest.meter = meter;
      guest.onReturn = onReturn;
      guest.onPause = onPause;
    },
    left: () => meter.pause(),
    paused: onPause,
    ended: (thrown) => caller.ended(thrown),
  });
}

/** Calls the handler. The request's own headers cannot be changed, as those of any message that exists. */
export function startService(guest: Guest, task: Task, { request }: Exchange, { start, callback }: Functions): void {
  const made = new Request(new Fields(request.headers, false), request.body);
  made.method = request.method;
  made.target = request.target;
  made.scheme = request.scheme;
  made.authority = request.authority;
  const handle = guest.handles.add(made);
  task.start({ start: () => start(handle), callback });
}

/** What a first request would do, as far as it goes without waiting. */
export function rehearseService(guest: Guest, exchange: Exchange, functions: () => Functions): void {
  const task = serviceTask(guest, exchange, { answered: nothing, paused: nothing, ended: nothing });
  const found = functions();
  guest.entry = "rehearsal";
  startService(guest, task, exchange, found);
  task.abandon();
}

function nothing(): void {}
