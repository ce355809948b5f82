import { beforeEach, describe, expect, it } from "vitest";
import { BandstandError } from "../../../foundation/errors/index.ts";
import type { HttpResponse } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { loggerTo } from "../../../foundation/log/index.ts";
import { usualCounts } from "../../../model/plan/index.ts";
import { Task, type StreamReader, type TaskOwner } from "../../async/index.ts";
import { ComponentScope } from "../component.ts";
import { Guest } from "../guest.ts";
import { Content } from "../http/content.ts";
import { Exchange } from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import { http } from "../http/index.ts";
import { FutureIncomingResponse, IncomingResponse, OutgoingRequest } from "../http/resources.ts";
import { GuestMemory } from "../memory.ts";
import { putBody } from "./bodies.ts";
import { Request, wasi3, type Response } from "./index.ts";

const result = 1024;
let guest: Guest;
let memory: GuestMemory;
let exchange: Exchange;
let bodies: BodyQueue[];
let answer: () => Promise<HttpResponse>;

/** A command that sends what it wants, and gets streams. */
beforeEach(() => {
  bodies = [];
  answer = async () => {
    bodies.push(new BodyQueue({}));
    return { status: 200, headers: [], body: bodies.at(-1)! };
  };
  const plan = { limits: { ...usualCounts, responseBody: 1 << 20, requestBody: 1 << 20 } } as never;
  const logger = loggerTo(() => {}, { minimum: "error" });
  guest = new Guest(new ComponentScope(plan, { logger, config: new Map(), fetch: () => answer() }));
  guest.entry = "waiting";
  guest.command = {} as never;
  const request = { method: "GET", scheme: "http", authority: "a", target: "/", headers: [], body: undefined } as const;
  const context = { id: "1", remoteAddress: "", onAbort: () => {} };
  exchange = guest.exchange = new Exchange(guest, { ...request, headers: [] }, context, undefined);
  memory = new GuestMemory(guest, { memory: new WebAssembly.Memory({ initial: 1 }), realloc: undefined });
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What fails, and what came whole, is over when it is there. */
async function keepsNoneThatEnds(sent: () => Promise<unknown>): Promise<void> {
  answer = () => Promise.reject(new BandstandError("backend-unreachable", "nobody"));
  await sent();
  expect(exchange.open).toBe(0);
  answer = async () => ({ status: 200, headers: [], body: "whole" });
  await sent();
  expect(exchange.open).toBe(0);
}

describe("of what a guest of WASI 0.2 sent, nothing is kept", () => {
  async function sent(): Promise<FutureIncomingResponse> {
    const outgoing = new OutgoingRequest(new Fields([], true));
    outgoing.authority = "a";
    http["wasi:http/outgoing-handler"]!.functions["handle"]!.bind(
      guest,
      memory,
    )(...([guest.handles.add(outgoing), 0, 0, result] as never[]));
    expect(exchange.open).toBe(1);
    await turn();
    return guest.handles.take(memory.view.getUint32(result + 8, true), "future-incoming-response");
  }

  it("once it is read to its end, or dropped", async () => {
    for (let i = 0; i < 3; i++) {
      const { source } = (await sent()).result as IncomingResponse;
      expect([source.ready(), exchange.open]).toEqual([false, 2]);
      bodies.at(-1)!.end();
      await turn();
      expect([source.take(1), exchange.open]).toEqual([undefined, 0]);
      (await sent()).dropped();
      expect(exchange.open).toBe(0);
    }
  });

  it("once it failed, or was whole", () => keepsNoneThatEnds(sent));

  /** Sends a body of which some is written, and finishes it later. */
  async function sentBody(authority: string | undefined): Promise<Content> {
    const outgoing = new OutgoingRequest(new Fields([], true));
    outgoing.authority = authority;
    const content = (outgoing.content = new Content(undefined, exchange.sending()));
    content.write(Buffer.alloc(1000));
    const handle = http["wasi:http/outgoing-handler"]!.functions["handle"]!.bind(guest, memory);
    (handle as (...args: number[]) => void)(guest.handles.add(outgoing), 0, 0, result);
    return content;
  }

  it("nor of bodies that nobody will read", async () => {
    const all = exchange.backlog.room;
    answer = () => Promise.reject(new BandstandError("backend-unreachable", "nobody"));
    const failing = await sentBody("a");
    exchange.sendPending();
    await turn();
    // Its writer finds it closed, and does not wait for room for ever.
    expect([failing.room(), exchange.backlog.room]).toEqual([undefined, all]);
    failing.finish(undefined);
    expect((await sentBody(undefined)).room()).toBeUndefined();
    expect(exchange.backlog.room).toBe(all);
    const abandoned = await sentBody("a");
    guest.handles.drop(memory.view.getUint32(result + 8, true), "future-incoming-response");
    abandoned.finish(undefined);
    exchange.sendPending();
    expect(exchange.backlog.room).toBe(all);
  });
});

describe("of what a guest of WASI 0.3 sent, nothing is kept", () => {
  async function sent(): Promise<number> {
    guest.entry = "event";
    const owner = { entering() {}, left() {}, paused() {}, returned() {}, ended() {} } as unknown as TaskOwner;
    guest.tasks.current = new Task(guest, owner);
    const request = new Request(new Fields([], true), undefined);
    request.authority = "a";
    const send = wasi3["wasi:http/client"]!.functions["send"]!.async!.bind(guest, memory);
    (send as (...args: number[]) => void)(guest.handles.add(request), result);
    expect(exchange.open).toBe(1);
    await turn();
    return memory.view.getUint32(result + 8, true);
  }
  const reader = (handle: number): StreamReader => {
    const response = guest.handles.take<Response>(handle, "response");
    putBody(guest, memory, response, result, undefined, response);
    return guest.handles.take<StreamReader>(memory.view.getUint32(result, true), "stream-reader");
  };
  const copy = (stream: StreamReader) =>
    stream.copy({ memory, handles: guest.handles, pointer: 2048, left: 9, done: 0 });

  it("once it is read to its end, or dropped", async () => {
    for (let i = 0; i < 3; i++) {
      const read = reader(await sent());
      copy(read);
      expect(exchange.open).toBe(2);
      bodies.at(-1)!.end();
      await turn();
      expect(exchange.open).toBe(0);
      reader(await sent()).dropped();
      expect(exchange.open).toBe(0);
      guest.handles.drop(await sent(), "response");
      expect(exchange.open).toBe(0);
    }
  });

  it("once it failed, or was whole", () => keepsNoneThatEnds(sent));

  it("nor of a body that nobody will read", async () => {
    const all = exchange.backlog.room;
    answer = () => Promise.reject(new BandstandError("backend-unreachable", "nobody"));
    guest.entry = "event";
    const owner = { entering() {}, left() {}, paused() {}, returned() {}, ended() {} } as unknown as TaskOwner;
    guest.tasks.current = new Task(guest, owner);
    const content = new Content(undefined, exchange.sending());
    content.write(Buffer.alloc(1000));
    const request = new Request(new Fields([], true), content);
    request.authority = "a";
    const send = wasi3["wasi:http/client"]!.functions["send"]!.async!.bind(guest, memory);
    (send as (...args: number[]) => void)(guest.handles.add(request), result);
    await turn();
    expect([content.room(), exchange.backlog.room]).toEqual([undefined, all]);
  });

  it("nor of the timers that it waited for", async () => {
    const wait = wasi3["wasi:clocks/monotonic-clock"]!.functions["wait-for"]!.async!.bind(guest, memory);
    for (let i = 0; i < 3; i++) (wait as (duration: bigint) => void)(5_000_000n);
    expect(exchange.open).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(exchange.open).toBe(0);
  });
});
