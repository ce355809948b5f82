import { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpRequest, HttpResponse, RequestContext } from "../../foundation/http/index.ts";
import { waitsOnStacks } from "../ensemble/waits.ts";
import { Exchange, IncomingRequest, ResponseOutparam } from "../host/index.ts";
import { runCgi } from "./cgi.ts";
import type { Entry, Seat } from "./seat.ts";
import { rehearseService } from "./service.ts";

const request: HttpRequest = {
  method: "GET",
  scheme: "http",
  authority: "localhost",
  target: "/",
  headers: [],
  body: undefined,
};
const context: RequestContext = { id: "rehearsal", remoteAddress: "127.0.0.1", onAbort: () => {} };
/** Pages of marks. */
const everything = 2 ** 31 - 1;
/** The next stage of a rehearsed middleware. */
const nobody = (): HttpResponse => ({ status: 200, headers: [], body: undefined });
const over = new BandstandError("client-gone", "the rehearsal is over");

/**
 * Runs a request that nobody made, so that the engine has compiled what real ones take when they come: the first
 * one of a large component would take tens of milliseconds. Nothing of it stays, whatever the guest does.
 * Answers how a real one should be entered. Throws where the guest does not start.
 * @param longest milliseconds of CPU time; nobody else on the thread gets any meanwhile.
 */
export function rehearse(seat: Seat, longest: number): Entry {
  const { guest } = seat;
  const exchange = new Exchange(guest, request, context, nobody);
  const handler = seat.handler("plain");
  guest.entry = "rehearsal";
  guest.exchange = exchange;
  guest.meter.start(longest);
  try {
    if (seat.isService) {
      rehearseService(exchange, {
        guest: () => seat.entered,
        service: () => seat.service("plain"),
        task: (owner) => seat.task(owner),
      });
    } else if (seat.isProgram) runCgi(guest, exchange, handler as () => unknown);
    else {
      const { handles } = seat.entered;
      handler(handles.add(new IncomingRequest()), handles.add(new ResponseOutparam()));
    }
  } catch {
    // It could not go on without waiting, or it failed: a real request will tell.
    guest.failure ??= new BandstandError("component-trapped", "failed in rehearsal");
  }
  exchange.end(over);
  const mustWait = guest.mustRestart || guest.wasSlow || waitsOnStacks(seat.manifest);
  const entry = mustWait ? "waiting" : "plain";
  seat.leave(guest.failure !== undefined || guest.component.plan.isolation === "reuse");
  // Nobody waits for it, and it is small unless the guest means harm.
  while (!seat.clean) seat.wash(everything);
  return entry;
}
