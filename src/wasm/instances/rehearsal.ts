import { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpResponse, RequestContext } from "../../foundation/http/index.ts";
import { waitsOnStacks } from "../ensemble/waits.ts";
import { Exchange, IncomingRequest, ResponseOutparam } from "../host/index.ts";
import { nobodysRequest } from "../host/nobodys-request.ts";
import { runCgi } from "./cgi.ts";
import type { Entry } from "./home.ts";
import type { Seat } from "./seat.ts";
import { rehearseService } from "./service.ts";

const request = nobodysRequest();
const context: RequestContext = { id: "rehearsal", remoteAddress: "127.0.0.1", onAbort: () => {} };
/** Pages of marks that are restored in a turn: 2 MiB. */
const washedAtOnce = 2048;
/** The next stage of a rehearsed middleware. */
const nobody = (): HttpResponse => ({ status: 200, headers: [], body: undefined });
const over = new BandstandError("client-gone", "the rehearsal is over");

/** What came of a rehearsal. */
interface Rehearsed {
  /** How a real request should be entered. */
  entry: Entry;
  /** It was ended since it took too long. */
  cut: boolean;
}

/**
 * Rehearses bit by bit, with turns for others between: a guest that is cut short begins again, and what the engine
 * compiled until then is compiled. Answers how a real request should be entered. Throws where the guest does not start.
 * @param bytes of its code. @param othersRun lets the thread do its other work.
 */
export async function rehearseInTurns(seat: Seat, bytes: number, othersRun: () => Promise<void>): Promise<Entry> {
  const mostRehearsed = Math.min(least + (bytes / (1 << 20)) * perMiB, most);
  let spent = 0;
  for (let turn = 0; ; turn++) {
    // What is never through in a short turn may be in a longer one.
    const longest = turn < 8 ? shortTurn : 2 * shortTurn;
    if (!(await start(seat))) return "waiting";
    const { cut, entry: first } = rehearse(seat, longest);
    await othersRun();
    await wash(seat, othersRun);
    // Where instances are kept, a large guest is entered for good in the way that needs no other instance when it is slow once.
    if (!cut && turn > 0 && seat.guest.component.plan.isolation === "reuse") return "waiting";
    // The first one through may be slow because not all was compiled; another one then shows what the guest is like.
    if (!cut && first === "plain") return "plain";
    if (!cut) {
      if (!(await start(seat))) return "waiting";
      const { entry } = rehearse(seat, longest);
      await wash(seat, othersRun);
      return entry;
    }
    if ((spent += longest) >= mostRehearsed) return "waiting";
  }
}

/** What a rehearsal wrote is undone bit by bit. */
async function wash(seat: Seat, othersRun: () => Promise<void>): Promise<void> {
  for (; !seat.clean; await othersRun()) seat.wash(washedAtOnce);
}

/** Milliseconds of CPU time of one rehearsal. */
const shortTurn = 2;
/**
 * The same of all together: what the engine has to compile for a first request grows with the code. More would only be time that
 * the site starts later, for a guest that is never through.
 */
const [least, perMiB, most] = [24, 40, 500];

/**
 * An instance, made with turns for others between where that takes long. False: none that is entered plainly, since it waits while it
 * starts. Throws where it does not start.
 */
async function start(seat: Seat): Promise<boolean> {
  await seat.starting("plain");
  try {
    seat.handler("plain");
  } catch (error) {
    if (seat.guest.component.startsWaiting) return false;
    const starting = seat.starting("plain");
    if (starting === undefined) throw error;
    await starting;
  }
  return true;
}

/**
 * Runs a request that nobody made, so that the engine has compiled what real ones take when they come: the first
 * one of a large component would take tens of milliseconds. Nothing of it stays, whatever the guest does.
 * Throws where the guest does not start.
 * @param longest milliseconds of CPU time; nobody else on the thread gets any meanwhile.
 */
function rehearse(seat: Seat, longest: number): Rehearsed {
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
  const cut = guest.failure?.code === "component-cpu";
  const isReused = guest.component.plan.isolation === "reuse";
  seat.leave(guest.failure !== undefined || isReused);
  if (isReused) seat.renew();
  return { entry: mustWait ? "waiting" : "plain", cut };
}
