import { describe, expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { Handles } from "../host/handles.ts";
import { WholeSource } from "../host/io/index.ts";
import { GuestMemory } from "../host/memory.ts";
import { HostBytes } from "./bytes.ts";
import type { Buffer as Target } from "./end.ts";
import { blocked, copied } from "./event.ts";
import { FutureReader, FutureWriter, HostFuture, Slot } from "./future.ts";
import { Pipe, StreamReader, StreamWriter } from "./stream.ts";
import { Tasks } from "./tasks.ts";
import { WaitableSet } from "./waitable.ts";

const byte = { size: 1, align: 1, plain: true } as const;

function guest() {
  const raw = new WebAssembly.Memory({ initial: 1 });
  const trappable = {
    nested: 0,
    worked() {},
    surfaced() {},
    fail: (code: never, message: string) => new BandstandError(code, message),
  };
  const memory = new GuestMemory(trappable, { memory: raw, realloc: undefined });
  const handles = new Handles(trappable);
  const at = (pointer: number, left: number): Target => ({ memory, handles, pointer, left, done: 0 });
  const put = (pointer: number, text: string): Target => {
    memory.bytes.write(text, pointer);
    return at(pointer, text.length);
  };
  const get = (pointer: number, size: number): string => memory.bytes.toString("latin1", pointer, pointer + size);
  return { tasks: new Tasks({ notify: () => {}, failed: () => {} }), handles, at, put, get };
}

function pipe() {
  const made = guest();
  const joint = new Pipe(1);
  const reader = new StreamReader(made.tasks, byte, joint);
  const writer = new StreamWriter(made.tasks, byte, joint);
  [reader.handle, writer.handle] = [1, 2];
  return { ...made, joint, reader, writer };
}

class TextFuture extends HostFuture<string> {
  protected override put(memory: GuestMemory, place: number, value: string): void {
    memory.bytes.write(value, place);
  }
}

const result = (how: number, count: number): number => how | (count << 4);

describe("a stream of a guest to itself", () => {
  it("copies what fits, whoever comes first", () => {
    const { reader, writer, at, put, get } = pipe();
    expect(writer.copy(put(0, "abcdef"))).toBe(blocked);
    expect(reader.copy(at(100, 4))).toBe(result(copied.completed, 4));
    expect([get(100, 4), writer.takeEvent()]).toEqual(["abcd", [3, 2, result(copied.completed, 4)]]);
    expect(reader.copy(at(100, 10))).toBe(blocked);
    expect(writer.copy(put(0, "xyz"))).toBe(result(copied.completed, 3));
    expect([get(100, 3), reader.takeEvent()]).toEqual(["xyz", [2, 1, result(copied.completed, 3)]]);
  });

  it("leaves with the writer what broke who reads it", () => {
    const { joint, writer, put } = pipe();
    let isBroken = false;
    joint.attach(
      {
        failure: undefined,
        room: () => (isBroken ? undefined : 10),
        write: (bytes) => (isBroken = bytes.includes("!")),
        push: () => {},
        flushed: () => true,
      },
      () => {},
    );
    expect(writer.copy(put(0, "good"))).toBe(result(copied.completed, 4));
    expect(writer.copy(put(0, "bad!"))).toBe(result(copied.dropped, 0));
    expect(writer.isDone).toBe(true);
  });

  it("tells either end that the other is gone", () => {
    const one = pipe();
    expect(one.reader.copy(one.at(0, 1))).toBe(blocked);
    one.writer.dropped();
    expect(one.reader.takeEvent()).toEqual([2, 1, result(copied.dropped, 0)]);
    expect(one.reader.isDone).toBe(true);
    const other = pipe();
    other.reader.dropped();
    expect(other.writer.copy(other.put(0, "a"))).toBe(result(copied.dropped, 0));
  });

  it("cancels a copy that waits", () => {
    const { writer, put } = pipe();
    writer.copy(put(0, "a"));
    writer.cancel();
    expect([writer.takeEvent(), writer.isCopying, writer.isDone]).toEqual([
      [3, 2, result(copied.cancelled, 0)],
      false,
      false,
    ]);
  });

  it("goes on to the host, with what waits, and as far as there is room", () => {
    const { joint, writer, put } = pipe();
    const taken: string[] = [];
    let room: number | undefined = 4;
    const sink = {
      failure: undefined,
      room: () => room,
      write: (bytes: Buffer) => void taken.push(bytes.toString()),
      push: () => {},
      flushed: () => true,
    };
    writer.copy(put(0, "abcdef"));
    let isClosed = false;
    joint.attach(sink, () => (isClosed = true));
    expect([taken, writer.takeEvent()]).toEqual([["abcd"], [3, 2, result(copied.completed, 4)]]);
    room = 0;
    expect(writer.copy(put(0, "gh"))).toBe(blocked);
    room = 9;
    joint.flush();
    expect([taken, writer.takeEvent()]).toEqual([
      ["abcd", "gh"],
      [3, 2, result(copied.completed, 2)],
    ]);
    room = undefined;
    expect(writer.copy(put(0, "i"))).toBe(result(copied.dropped, 0));
    writer.dropped();
    expect(isClosed).toBe(true);
  });
});

describe("bytes of the host", () => {
  it("are read in pieces, and their end is told once", () => {
    const { tasks, at, get } = guest();
    const ends: unknown[] = [];
    class Hello extends HostBytes {
      protected override open = () => new WholeSource("hello");
      protected override ended = (failure: unknown) => void ends.push(failure);
    }
    const bytes = new Hello("hello");
    const reader = new StreamReader(tasks, byte, bytes);
    expect(bytes.isUntouched).toBe(true);
    expect([reader.copy(at(0, 3)), get(0, 3)]).toEqual([result(copied.completed, 3), "hel"]);
    expect([reader.copy(at(0, 3)), get(0, 2)]).toEqual([result(copied.completed, 2), "lo"]);
    expect(reader.copy(at(0, 3))).toBe(result(copied.dropped, 0));
    reader.dropped();
    expect([ends, bytes.isUntouched]).toEqual([[undefined], false]);
  });
});

describe("futures", () => {
  it("of a guest give their value to its reader or to the host", () => {
    const { tasks, at, put, get } = guest();
    const slot = new Slot(byte);
    const [reader, writer] = [new FutureReader(tasks, byte, slot), new FutureWriter(tasks, byte, slot)];
    expect(reader.copy(at(9, 1))).toBe(blocked);
    expect(writer.copy(put(0, "v"))).toBe(copied.completed);
    expect([get(9, 1), reader.takeEvent(), reader.isDone, writer.isDone]).toEqual(["v", [4, 0, 0], true, true]);
    const other = new Slot(byte);
    const waiting = new FutureWriter(tasks, byte, other);
    expect(waiting.copy(put(0, "w"))).toBe(blocked);
    let taken = "";
    other.attach((memory, place) => (taken = String.fromCharCode(memory.bytes[place]!)));
    expect([taken, waiting.takeEvent()]).toEqual(["w", [5, 0, copied.completed]]);
  });

  it("of the host come when they come, once", () => {
    const { tasks, at, get } = guest();
    const future = new TextFuture(byte);
    const reader = new FutureReader(tasks, byte, future);
    expect(reader.copy(at(3, 1))).toBe(blocked);
    future.settle("a");
    future.settle("b");
    expect([get(3, 1), reader.takeEvent()]).toEqual(["a", [4, 0, copied.completed]]);
  });
});

describe("a set of waitables", () => {
  it("gives each of its members a turn, and wakes who waits", () => {
    const { tasks, at } = guest();
    const set = new WaitableSet();
    const futures = ["a", "b"].map((value) => {
      const future = new TextFuture(byte);
      const reader = new FutureReader(tasks, byte, future);
      reader.handle = value.charCodeAt(0);
      reader.join(set);
      reader.copy(at(0, 1));
      return { future, reader };
    });
    let woken = 0;
    const waiter = { wake: () => void woken++ };
    set.wait(waiter);
    expect(set.take()).toBeUndefined();
    for (const { future } of futures) future.settle("x");
    expect([woken, set.take()?.[1], set.take()?.[1], set.take()]).toEqual([2, 97, 98, undefined]);
    set.leave(waiter);
    for (const { reader } of futures) reader.join(undefined);
    expect(set.isUsed).toBe(false);
  });

  it("hears nothing of an instance that was reset", () => {
    const { tasks, at, get } = guest();
    const set = new WaitableSet();
    const future = new TextFuture(byte);
    const reader = new FutureReader(tasks, byte, future);
    reader.join(set);
    reader.copy(at(0, 1));
    tasks.reset();
    future.settle("x");
    expect([set.take(), get(0, 1)]).toEqual([undefined, "\0"]);
  });
});
