import { describe, expect, it } from "vitest";
import { usualCounts } from "../../../model/plan/index.ts";
import { ComponentScope } from "../component.ts";
import { Guest } from "../guest.ts";
import { Content } from "../http/content.ts";
import { highWater } from "../limits.ts";
import { GuestMemory } from "../memory.ts";
import { io, OutputStream } from "./index.ts";

const result = 64;

/** A guest with a body that it writes, and its memory of 2 MiB. */
function writer() {
  const scope = new ComponentScope({ limits: usualCounts } as never, { config: new Map(), logger: {} } as never);
  const guest = new Guest(scope);
  guest.entry = "waiting";
  const memory = new GuestMemory(guest, { memory: new WebAssembly.Memory({ initial: 32 }), realloc: undefined });
  const content = new Content(undefined, { notify: () => guest.notify(), wrote: () => {} });
  const to = guest.handles.add(new OutputStream(content, true));
  const call = (name: string, ...given: unknown[]): string => {
    io["wasi:io/streams"]!.functions[`[method]output-stream.${name}`]!.bind(
      guest,
      memory,
    )(...([to, ...given, result] as never[]));
    return memory.view.getUint8(result) === 0 ? "ok" : memory.view.getUint8(result + 4) === 1 ? "closed" : "failed";
  };
  const write = (size: number): string => call("write", 1024, size);
  return { content, call, write };
}

const isTrap = /where check-write allowed/;

describe("a write before which nobody asked", () => {
  it("is taken where there is room for it", () => {
    const { content, write } = writer();
    expect([write(19), write(40_000), content.room()]).toEqual(["ok", "ok", highWater - 40_019]);
  });

  it("is taken in one piece where there is any, up to 1 MiB", () => {
    const { write } = writer();
    expect(() => write((1 << 20) + 1)).toThrow(isTrap);
    expect(write(1 << 20)).toBe("ok");
    expect(() => write(1)).toThrow(isTrap);
  });

  it("of zeroes is no other", () => {
    const { call } = writer();
    expect(() => call("write-zeroes", 1n << 40n)).toThrow(isTrap);
    expect(call("write-zeroes", 200_000n)).toBe("ok");
    expect(() => call("write-zeroes", 1n)).toThrow(isTrap);
  });

  it("is told that the stream is closed", () => {
    const { content, write } = writer();
    content.cancel();
    expect(write(1 << 20)).toBe("closed");
  });
});

it("a write of more than was allowed, and than there is room for, is a trap", () => {
  const { call, write } = writer();
  expect(call("check-write")).toBe("ok");
  expect(() => write(highWater + 1)).toThrow(isTrap);
  expect([write(highWater)]).toEqual(["ok"]);
  expect(call("check-write")).toBe("ok");
  expect(() => write(1)).toThrow(isTrap);
});
