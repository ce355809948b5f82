import { describe, expect, it } from "vitest";
import type { BandstandError } from "../../../foundation/errors/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import type { HttpRequest } from "../../../foundation/http/index.ts";
import { Gathering } from "./gather.ts";
import type { Holder, Place } from "./holder.ts";
import { Places } from "./places.ts";
import { ReadAhead } from "./read-ahead.ts";
import { relief } from "./relief.ts";
import { Stallers } from "./stallers.ts";
import { Tunnels, tunnelsFor } from "./tunnels.ts";
import { UploadPace } from "./upload-pace.ts";
import { Waiting } from "./waiting.ts";

const one = { first: {}, second: {} };
const of = (remoteAddress: string, connection?: object): Holder => ({ remoteAddress, connection });

describe("turns", () => {
  function queue(most: number) {
    const waiting = new Waiting("a", most);
    const seen: string[] = [];
    const add = (name: string, holder: Holder | undefined) =>
      waiting.add(
        () => seen.push(name),
        (error: BandstandError) => seen.push(`${name} ${error.code}`),
        holder,
      );
    return { waiting, seen, add };
  }

  it("go round clients, and round the connections of each", () => {
    const { waiting, seen, add } = queue(100);
    for (let count = 1; count <= 3; count++) add(`a1.${count}`, of("192.0.2.1", one.first));
    add("a2", of("192.0.2.1", one.second));
    add("b", of("2001:db8::1"));
    add("b'", of("2001:db8::2"));
    add("nobody", undefined);
    while (waiting.length > 0) waiting.next();
    expect(seen).toEqual(["a1.1", "b", "nobody", "a2", "b'", "a1.2", "a1.3"]);
  });

  it("of a full queue go to who has fewer", () => {
    const { waiting, seen, add } = queue(3);
    for (let count = 1; count <= 3; count++) add(`a${count}`, of("192.0.2.1", one.first));
    expect(() => add("a4", of("192.0.2.1", one.first))).toThrow("3 requests wait");
    add("b", of("192.0.2.2"));
    add("a'", of("192.0.2.1", one.second));
    expect(() => add("c", of("192.0.2.1", one.second))).toThrow("3 requests wait");
    expect(seen.splice(0)).toEqual(["a3 overloaded", "a2 overloaded"]);
    while (waiting.length > 0) waiting.next();
    expect(seen).toEqual(["a1", "b", "a'"]);
  });

  it("are given back by who does not wait any more", () => {
    const { waiting, seen, add } = queue(3);
    const withdraw = add("a", of("192.0.2.1"));
    add("b", of("192.0.2.1"));
    withdraw({ code: "client-gone" } as BandstandError);
    withdraw({ code: "client-gone" } as BandstandError);
    expect([waiting.length, seen]).toEqual([1, ["a client-gone"]]);
    waiting.next();
    waiting.next();
    expect([waiting.length, seen]).toEqual([0, ["a client-gone", "b"]]);
  });
});

describe("a place for somebody who waits", () => {
  interface Made extends Place {
    name: string;
  }
  const place = (name: string, holder: Holder, stalled?: number, answered?: number): Made => ({
    name,
    holder,
    stalledSince: (now) => (stalled === undefined ? undefined : now - stalled),
    answeredAt: answered === undefined ? undefined : 10_000 - answered,
    abort: () => {},
  });
  const find = (
    places: Made[],
    waiters: (Holder | undefined)[],
    { room = 0, aside = [] as Made[], known }: { room?: number; aside?: Made[]; known?: Stallers } = {},
  ) => {
    const found = relief([...places, ...aside], new Set(aside), room, waiters, 10_000, known);
    if (found === undefined) return undefined;
    if (found.soon === true) return "soon";
    const end = found.end?.place as Made | undefined;
    return { aside: (found.aside as Made | undefined)?.name, end: end?.name, for: found.end?.for };
  };
  const [a, b, c] = [of("192.0.2.1", {}), of("192.0.2.2", {}), of("192.0.2.3", {})];

  it("comes of nobody whom the backend serves at its own pace", () => {
    expect(find([place("x", a), place("y", a, undefined, 60_000)], [b])).toBeUndefined();
    expect(find([place("x", a), place("y", a, 100)], [b])).toBe("soon");
  });

  it("comes first of who stands still, then of long answers, which both go on", () => {
    const places = [place("new", a), place("still", b, 300, 400), place("stiller", a, 500, 600)];
    expect(find(places, [c], { room: 1 })).toEqual({ aside: "stiller", end: undefined, for: undefined });
    const long = [place("new", a), place("long", b, undefined, 2000), place("longer", a, undefined, 3000)];
    expect(find(long, [c], { room: 1 })).toEqual({ aside: "longer", end: undefined, for: undefined });
    expect(find(long, [c])).toBeUndefined();
  });

  it("comes soon of a client that holds more, and of others after a second", () => {
    const places = [place("1", a, 300), place("2", a, 400), place("3", b, 900)];
    expect(find(places, [b, c])).toEqual({ aside: undefined, end: "2", for: c });
    expect(find(places, [b])).toBe("soon");
    expect(find([...places, place("4", c, 1001)], [b])).toEqual({ aside: undefined, end: "4", for: b });
  });

  it("comes sooner where more wait than there are places", () => {
    const many = Array.from({ length: 5 }, (_, index) => of(`192.0.2.${10 + index}`));
    expect(find([place("1", a, 300)], many.slice(0, 2))).toBe("soon");
    expect(find([place("1", a, 300)], many)).toMatchObject({ end: "1" });
    expect(find([place("1", a, 200)], many)).toBe("soon");
  });

  it("comes soon of who was ended for it before, and goes to others than those", () => {
    const known = new Stallers();
    known.add(a, 9_000);
    known.add(c, 9_000);
    known.at(10_000);
    expect(find([place("1", a, 300), place("2", b, 900)], [of("192.0.2.9"), c], { known })).toEqual({
      aside: undefined,
      end: "1",
      for: of("192.0.2.9"),
    });
    // Among themselves they are as all others.
    expect(find([place("1", a, 300)], [c], { known })).toBe("soon");
    known.at(19_001);
    expect([known.size, known.has(a)]).toEqual([0, false]);
  });

  it("counts connections where all come from one address", () => {
    const [first, second] = [of("192.0.2.1", {}), of("192.0.2.1", {})];
    const places = [place("1", first, 300), place("2", first, 400), place("3", second, 900)];
    const neighbour = of("192.0.2.1", {});
    expect(find(places, [first, neighbour])).toEqual({ aside: undefined, end: "2", for: neighbour });
  });

  it("comes of those aside, too, for whom another one steps aside", () => {
    const aside = [place("old", a, 5000), place("older", a, 6000)];
    expect(find([place("x", a), place("y", b, 300)], [c], { aside })).toEqual({ aside: "y", end: "older", for: c });
    expect(find([place("x", a)], [c], { aside })).toBeUndefined();
  });

  it("is had at once, and kept by who moves", async () => {
    const ended: string[] = [];
    const places = new Places<Place>("a", { most: 2, aside: 0, queue: 10 });
    const take = (name: string, holder: Holder, stalled?: number): Place => {
      const made: Place = {
        ...place(name, holder, stalled),
        abort: (reason) => {
          ended.push(`${name} ${reason.code}`);
          places.leave(made);
          places.next();
        },
      };
      places.take(made);
      return made;
    };
    take("moving", a);
    take("still", a, 2000);
    const request = { body: undefined } as HttpRequest;
    const got = await places.wait({ request, holder: b, withdraw: undefined }, () => take("next", b));
    expect([ended, places.taken, (got as Made).name]).toEqual([["still client-stalled"], 2, "next"]);
  });
});

describe("bodies of requests", () => {
  const request = (body: BodyQueue, headers: string[] = []) => ({ headers, body }) as unknown as HttpRequest;

  it("are there, or a good part of them, before a place is taken", async () => {
    const gathering = new Gathering("a");
    const body = new BodyQueue({ length: 3 });
    body.push(Buffer.from("a"));
    const going = request(body);
    let ready = false;
    const waiting = gathering.of(going)?.then(() => (ready = true));
    body.push(Buffer.from("b"));
    await Promise.resolve();
    expect(ready).toBe(false);
    body.push(Buffer.from("c"));
    body.end(["x-sum", "1"]);
    await waiting;
    const gathered = going.body as BodyQueue;
    let text = "";
    for (let piece = await gathered.read(); piece !== undefined; piece = await gathered.read())
      text += Buffer.from(piece).toString();
    expect([text, gathered.length, gathered.trailers]).toEqual(["abc", 3, ["x-sum", "1"]]);
    const large = request(new BodyQueue({}));
    (large.body as BodyQueue).push(Buffer.alloc(70_000));
    expect(gathering.of(large)).toBeUndefined();
  });

  it("that break say so, and those of gRPC are not waited for", async () => {
    const gathering = new Gathering("a");
    const body = new BodyQueue({});
    const waiting = gathering.of(request(body));
    body.fail(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    expect(gathering.of(request(new BodyQueue({}), ["Content-Type", "application/grpc+proto"]))).toBeUndefined();
  });

  it("stand still where nothing comes, or less than 4 KiB a second", () => {
    const pace = new UploadPace(0);
    expect(pace.stalledSince(10)).toBeUndefined();
    pace.waits(100);
    expect(pace.stalledSince(150)).toBe(100);
    for (let now = 200; now < 3000; now += 100) {
      pace.took(60, now);
      pace.waits(now);
    }
    expect(3000 - (pace.stalledSince(3000) ?? 0)).toBeGreaterThan(2000);
    for (let now = 3000; now < 9000; now += 100) {
      pace.took(1000, now);
      pace.waits(now);
    }
    expect(pace.stalledSince(8999)).toBe(8900);
  });
});

describe("answers that nobody takes", () => {
  it("are read on as far as there is memory, and give it back", () => {
    const memory = new ReadAhead(100_000);
    let room = 0;
    const body = new BodyQueue({ spare: memory.for(undefined), onRoom: () => room++ });
    const taken = Array.from({ length: 10 }, () => body.push(Buffer.alloc(20_000)));
    // 64 KiB are its own, 100,000 bytes are lent.
    expect(taken).toEqual([...Array(8).fill(true), false, false]);
    expect(memory.take(1)).toBe(false);
    for (let count = 0; count < 10; count++) void body.read();
    expect([memory.take(100_000), room]).toEqual([true, 1]);
    expect(memory.for(2 << 20)).toBeUndefined();
  });

  it("that are cancelled give it back, complete or not", () => {
    for (const complete of [true, false]) {
      const memory = new ReadAhead(100_000);
      const body = new BodyQueue({ spare: memory });
      for (let count = 0; count < 6; count++) body.push(Buffer.alloc(20_000));
      if (complete) body.end();
      expect(memory.take(90_000)).toBe(false);
      body.cancel();
      body.cancel();
      expect([memory.take(100_000), memory.take(1)]).toEqual([true, false]);
    }
  });
});

describe("WebSockets", () => {
  it("are so many at once, and of one client a part of them once there are many", () => {
    expect([tunnelsFor(2, 20_000), tunnelsFor(1, 100), tunnelsFor(1, 1e9)]).toEqual([2500, 64, 16_384]);
    const tunnels = new Tunnels(8);
    const [greedy, other] = [of("192.0.2.1", {}), of("192.0.2.2", {})];
    const begun = Array.from({ length: 4 }, () => {
      const tunnel = {};
      expect(tunnels.admits(greedy)).toBe(true);
      tunnels.begin(tunnel, greedy);
      return tunnel;
    });
    expect([tunnels.admits(greedy), tunnels.admits(other)]).toEqual([false, true]);
    for (let count = 0; count < 4; count++) tunnels.begin({}, of(`192.0.2.${10 + count}`));
    expect(tunnels.admits(other)).toBe(false);
    tunnels.end(begun[0]!);
    tunnels.end(begun[0]!);
    expect([tunnels.admits(greedy), tunnels.admits(other)]).toEqual([false, true]);
  });
});
