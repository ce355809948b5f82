import { BandstandError } from "../../../foundation/errors/index.ts";
import { clientIn, type Holder, type Place } from "./holder.ts";

/** A client that takes or sends nothing for so long lets others go first. Milliseconds. */
const brief = 250;
/** The same where it holds no more than who waits, before its exchange is ended. */
export const long = 1000;
/** An answer that goes on for so long has no end to wait for (event streams, long polls, logs). */
const lasting = 1000;

/** What is done so that somebody who waits gets a place. */
export interface Relief {
  /** It goes on, and does not count any more. */
  aside?: Place | undefined;
  /** It is ended, for this one who waits. */
  end?: { place: Place; for: Holder | undefined } | undefined;
  /** Nothing yet, but some stand still: waiting is worth while. */
  soon?: boolean;
}

/**
 * Finds a place for somebody who waits, where all are taken. First those step aside that are held up by their clients, and
 * long answers: that hurts nobody. Where no more may, an exchange that its client holds up is ended: of a client that
 * holds more than who waits soon, else after a second without movement; the one that stood still longest. Who is served
 * by the backend at its own pace is never ended.
 * @param places that are taken. @param aside those of them that do not count. @param room how many more may step aside.
 * @param waiters for whom there are requests. @param known who was ended for it not long ago.
 */
export function relief(
  places: Iterable<Place>,
  aside: ReadonlySet<Place>,
  room: number,
  waiters: Iterable<Holder | undefined>,
  now: number,
  known: KnownStallers = nobody,
): Relief | undefined {
  const all = [...places];
  const counting = aside.size === 0 ? all : all.filter((place) => !aside.has(place));
  const leaving = stalledMost(counting, now, brief) ?? (room > 0 ? lastingMost(counting, now) : undefined);
  const soon = { soon: true };
  if (leaving === undefined) return stalledMost(counting, now, 0) === undefined ? undefined : soon;
  if (room > 0) return { aside: leaving };
  const shares = sharesOf(all, known);
  const waiting = [...waiters];
  const waiter = shares.least(waiting);
  // Where more wait than there are places, a second each would be too long for all of them.
  const patience = Math.max(brief, Math.min(long, (long * all.length) / waiting.length));
  const again = known.size > 0 && !known.has(waiter);
  const place =
    stalledMost(
      all.filter(({ holder }) => shares.more(holder, waiter) || (again && known.has(holder))),
      now,
      brief,
    ) ?? stalledMost(all, now, patience);
  if (place === undefined) return soon;
  const end = { place, for: waiter };
  return aside.has(place) ? { end, aside: leaving } : { end };
}

export function stalled(place: Place, waited: number): BandstandError {
  const what = place.answeredAt === undefined ? "sent too little of its request" : "took nothing of its answer";
  const message = `the client ${what} for ${Math.round(waited)} ms, and others wait for its place at the backend`;
  return new BandstandError("client-stalled", message);
}

function stalledMost(places: Place[], now: number, least: number): Place | undefined {
  let found: Place | undefined;
  let since = now - least;
  for (const place of places) {
    const stalled = place.stalledSince(now);
    if (stalled === undefined || stalled > since) continue;
    since = stalled;
    found = place;
  }
  return found;
}

function lastingMost(places: Place[], now: number): Place | undefined {
  let found: Place | undefined;
  let since = now - lasting;
  for (const place of places) {
    const { answeredAt } = place;
    if (answeredAt === undefined || answeredAt > since) continue;
    since = answeredAt;
    found = place;
  }
  return found;
}

/** Clients of whom an exchange was ended for standing still. */
export interface KnownStallers {
  readonly size: number;
  has(holder: Holder | undefined): boolean;
}

const nobody: KnownStallers = { size: 0, has: () => false };

/** How many places clients hold, and connections of clients. */
function sharesOf(places: Place[], known: KnownStallers) {
  const clients = new Map<string, number>();
  const connections = new Map<unknown, number>();
  for (const { holder } of places) {
    const client = clientIn(holder);
    clients.set(client, (clients.get(client) ?? 0) + 1);
    const connection = holder?.connection;
    if (connection !== undefined) connections.set(connection, (connections.get(connection) ?? 0) + 1);
  }
  const ofClient = (holder: Holder | undefined): number => clients.get(clientIn(holder)) ?? 0;
  const ofConnection = (holder: Holder | undefined): number => connections.get(holder?.connection) ?? 0;
  return {
    /** Who holds the least; of equals who is not known to stand still, then the last one that came: who stalls came before. */
    least(holders: Iterable<Holder | undefined>): Holder | undefined {
      let found: Holder | undefined;
      let fewest: [number, number, number] | undefined;
      for (const holder of holders) {
        const own: typeof fewest = [ofClient(holder), Number(known.has(holder)), ofConnection(holder)];
        if (fewest !== undefined && isMore(own, fewest)) continue;
        fewest = own;
        found = holder;
      }
      return found;
    },
    /** Whether one holds far more than the other: more than twice as many, and one. Nearly equal ones would only take turns. */
    more(one: Holder | undefined, other: Holder | undefined): boolean {
      if (clientIn(one) !== clientIn(other)) return ofClient(one) > ofClient(other) * 2 + 1;
      return ofConnection(one) > ofConnection(other) * 2 + 1;
    },
  };
}

/** The first number that differs decides. */
function isMore(one: number[], other: number[]): boolean {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at !== -1 && one[at]! > other[at]!;
}
